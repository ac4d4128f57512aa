// SPDX-License-Identifier: GPL-2.0
/*
 * The mutant that is alive: vcp_mutant=N from the first test on, vcp_mutant_boot=N
 * from the moment when the command line is read. With vcp_mutant_record the kernel
 * says, as it halts, which of the places the tests have reached.
 */
#include <linux/vcp_mutant.h>
#include <linux/cache.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/reboot.h>

unsigned int vcp_mutant_number __read_mostly;
EXPORT_SYMBOL(vcp_mutant_number);
unsigned char vcp_mutant_recording __read_mostly;
EXPORT_SYMBOL(vcp_mutant_recording);
unsigned char vcp_mutant_reached[VCP_MUTANTS];
EXPORT_SYMBOL(vcp_mutant_reached);

static unsigned int vcp_mutant_later __initdata;
static bool vcp_mutant_record __initdata;

static int __init vcp_mutant_setup(char *word)
{
	return word ? kstrtouint(word, 10, &vcp_mutant_later) : -EINVAL;
}
early_param("vcp_mutant", vcp_mutant_setup);

static int __init vcp_mutant_boot_setup(char *word)
{
	return word ? kstrtouint(word, 10, &vcp_mutant_number) : -EINVAL;
}
early_param("vcp_mutant_boot", vcp_mutant_boot_setup);

static int __init vcp_mutant_record_setup(char *word)
{
	vcp_mutant_record = true;
	return 0;
}
early_param("vcp_mutant_record", vcp_mutant_record_setup);

static int vcp_mutant_halt(struct notifier_block *block, unsigned long what, void *how)
{
	unsigned int i;

	vcp_mutant_recording = 0;
	for (i = 0; i < VCP_MUTANTS; i++)
		if (vcp_mutant_reached[i])
			pr_info("vcp_mutant: reached %u\n", i);
	return NOTIFY_DONE;
}

static struct notifier_block vcp_mutant_block = { .notifier_call = vcp_mutant_halt };

static int __init vcp_mutant_init(void)
{
	if (vcp_mutant_later)
		vcp_mutant_number = vcp_mutant_later;
	pr_info("vcp_mutant: %u\n", vcp_mutant_number);
	if (!vcp_mutant_record)
		return 0;
	vcp_mutant_recording = 1;
	return register_reboot_notifier(&vcp_mutant_block);
}
late_initcall_sync(vcp_mutant_init);
