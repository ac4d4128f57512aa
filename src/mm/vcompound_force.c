// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual compound pages: forcing the fallback
 *
 * Memory is seldom fragmented where code is tested. This makes requests take
 * the fallback even when contiguous pages are available, and makes sure that no
 * two neighbouring pages of a mapped allocation are physically contiguous by
 * chance, which would hide a user that relies on it.
 *
 * The boot parameter vfallback= and, later, the debugfs file vfallback set how
 * many requests fall back: "always", "prob=N" for N percent, or "off".
 */
#include <linux/debugfs.h>
#include <linux/hash.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "vcompound_force.h"

u8 vcompound_force_percent __read_mostly = 100;

static DEFINE_PER_CPU(u32, vcompound_nr_asked);

/*
 * True for vcompound_force_percent percent of the calls, in an irregular order.
 * Random numbers are not used because a request may be made under a raw
 * spinlock.
 */
bool vcompound_should_force(void)
{
	unsigned int percent = READ_ONCE(vcompound_force_percent);

	return percent == 100 ||
	       (u64)hash_32(this_cpu_inc_return(vcompound_nr_asked), 32) * 100 >> 32 < percent;
}

/**
 * vcompound_force - set how many requests are forced to fall back
 * @percent: percentage of the requests; above 100 counts as 100
 *
 * Context: Any.
 *
 * Return: the previous percentage.
 */
unsigned int vcompound_force(unsigned int percent)
{
	unsigned int before = READ_ONCE(vcompound_force_percent);

	WRITE_ONCE(vcompound_force_percent, min(percent, 100U));
	return before;
}
EXPORT_SYMBOL_FOR_MODULES(vcompound_force, "test_vcompound");

/*
 * Reorder pages so that no page is followed by its physical neighbour, by
 * reversing each run of neighbours. The page before a reversed run is not the
 * neighbour of the page that now begins it: the neighbour of that one is inside
 * the run.
 */
void vcompound_scatter(struct page **pages, unsigned long nr_pages)
{
	unsigned long start, end, i, j;

	if (!READ_ONCE(vcompound_force_percent))
		return;

	for (start = 0; start < nr_pages; start = end) {
		for (end = start + 1; end < nr_pages; end++)
			if (page_to_pfn(pages[end]) != page_to_pfn(pages[end - 1]) + 1)
				break;
		for (i = start, j = end - 1; i < j; i++, j--)
			swap(pages[i], pages[j]);
	}
}

static int vfallback_parse(const char *word)
{
	unsigned int percent;

	if (!strcmp(word, "always"))
		percent = 100;
	else if (!strcmp(word, "off"))
		percent = 0;
	else if (!str_has_prefix(word, "prob=") ||
		 kstrtouint(word + strlen("prob="), 10, &percent) || percent > 100)
		return -EINVAL;

	vcompound_force(percent);
	return 0;
}

static int __init vfallback_setup(char *word)
{
	if (!word || vfallback_parse(word))
		pr_warn("vfallback=%s: expected always, prob=0 to prob=100, or off\n",
			word ?: "");
	return 0;
}
early_param("vfallback", vfallback_setup);

static int vfallback_show(struct seq_file *m, void *unused)
{
	unsigned int percent = READ_ONCE(vcompound_force_percent);

	if (percent == 100)
		seq_puts(m, "always\n");
	else if (!percent)
		seq_puts(m, "off\n");
	else
		seq_printf(m, "prob=%u\n", percent);
	return 0;
}

static ssize_t vfallback_write(struct file *file, const char __user *ubuf,
			       size_t len, loff_t *pos)
{
	char word[16];
	int err;

	if (len >= sizeof(word))
		return -EINVAL;
	if (copy_from_user(word, ubuf, len))
		return -EFAULT;
	word[len] = '\0';

	err = vfallback_parse(strim(word));
	return err ?: len;
}

DEFINE_SHOW_STORE_ATTRIBUTE(vfallback);

static int __init vfallback_debugfs_init(void)
{
	debugfs_create_file("vfallback", 0600, NULL, NULL, &vfallback_fops);
	return 0;
}
late_initcall(vfallback_debugfs_init);
