/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_VCP_MUTANT_H
#define _LINUX_VCP_MUTANT_H

/* Every touched file includes this before anything else: no other header here. */
#ifndef __ASSEMBLY__
#define VCP_MUTANTS	2048

extern unsigned int vcp_mutant_number;
extern unsigned char vcp_mutant_recording;
extern unsigned char vcp_mutant_reached[VCP_MUTANTS];

/* True if mutant n is on. Records that its place was reached, if recording is on. */
#define vcp_mutant(n)							\
({									\
	if (__builtin_expect(vcp_mutant_recording, 0))			\
		vcp_mutant_reached[n] = 1;				\
	__builtin_expect(vcp_mutant_number == (n), 0);			\
})
#endif

#endif /* _LINUX_VCP_MUTANT_H */
