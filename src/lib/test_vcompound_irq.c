// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocations of virtual compound pages in interrupts
 *
 * With interrupts=N the module makes N requests in hard interrupt handlers,
 * timers, tasklets and, with a network, softirqs that receive packets, on two
 * CPUs at the same time: the first half while memory is fragmented, the second
 * while it is filled as well. Each page is stamped and checked as in the stress
 * tests.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/etherdevice.h>
#include <linux/interrupt.h>
#include <linux/irq_sim.h>
#include <linux/irqdomain.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/oom.h>
#include <linux/prandom.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/vcompound.h>
#include <linux/vmstat.h>

#include <net/net_namespace.h>

#include "../mm/vcompound_force.h"
#include "test_vcompound.h"

int tvc_interrupts;
module_param_named(interrupts, tvc_interrupts, int, 0444);
MODULE_PARM_DESC(interrupts, "number of requests to make in interrupts");

#define NR_CPUS_USED	2
#define NR_HELD		8	/* allocations that each source holds at a time */
#define MAX_PAGES	16
#define BATCH		16	/* requests in one interrupt */

enum { MAPPED, CONTIGUOUS, REFUSED, NR_RESULTS };
enum { FRAGMENTED, FILLED, NR_STATES };

static const char * const state_names[] = { "fragmented", "filled" };

/* Threads that cause interrupts on their CPU, and what the handler uses. */
struct source {
	const struct source_ops *ops;
	struct task_struct *tasks[NR_STATES];
	struct completion handled;
	struct completion done;
	struct rnd_state rnd;
	struct buffer held[NR_HELD];
	unsigned long next_stamp;
	unsigned long left;
	unsigned long results[NR_RESULTS];
	bool bad;
	int cpu;
	struct irq_domain *domain;
	int irq;
	struct timer_list timer;
	struct tasklet_struct tasklet;
	struct sk_buff *skb;
};

struct source_ops {
	const char *name;
	int (*setup)(struct source *s);
	void (*fire)(struct source *s);
	void (*teardown)(struct source *s);
};

static void request_one(struct source *s, struct buffer *b)
{
	u32 random = prandom_u32_state(&s->rnd);
	bool exact = random & 1;
	gfp_t gfp = GFP_ATOMIC | __GFP_NOWARN;

	b->nr_pages = exact ? 2 + (random >> 8) % (MAX_PAGES - 1) :
			      2UL << ((random >> 8) % ilog2(MAX_PAGES));
	b->by_address = exact;
	b->by_reference = !exact && (random & 2) && TEST_GFP_VFALLBACK;
	if (exact) {
		b->addr = __alloc_vcompound_exact(b->nr_pages * PAGE_SIZE, gfp);
		b->head = b->addr ? vcompound_head_page(b->addr) : NULL;
	} else {
		b->head = b->by_reference ?
			  alloc_pages(gfp | TEST_GFP_VFALLBACK, ilog2(b->nr_pages)) :
			  alloc_vcompound(gfp, ilog2(b->nr_pages));
		b->addr = b->head ? vcompound_address(b->head) : NULL;
	}
	if (!b->addr) {
		s->results[REFUSED]++;
		return;
	}
	s->results[vcompound_is_contiguous(b->head) ? CONTIGUOUS : MAPPED]++;
	b->stamp = s->next_stamp++;
	tvc_stamp_buffer(b);
}

static void put_one(struct source *s, struct buffer *b)
{
	if (b->addr && !tvc_check_and_put(b))
		s->bad = true;
	b->addr = NULL;
}

/* Called by the handler of each source: replace some of the held allocations. */
static void handle(struct source *s)
{
	int i;

	for (i = 0; i < BATCH && s->left; i++, s->left--) {
		struct buffer *b = &s->held[prandom_u32_state(&s->rnd) % NR_HELD];

		put_one(s, b);
		request_one(s, b);
	}
	if (!s->left)
		for (i = 0; i < NR_HELD; i++)
			put_one(s, &s->held[i]);
	complete(&s->handled);
}

/* Hard interrupts, from a simulated controller */

static irqreturn_t handle_irq(int irq, void *data)
{
	if (WARN_ON(!in_hardirq()))
		return IRQ_NONE;
	handle(data);
	return IRQ_HANDLED;
}

static int setup_irq(struct source *s)
{
	int err;

	s->domain = irq_domain_create_sim(NULL, 1);
	if (IS_ERR(s->domain))
		return PTR_ERR(s->domain);
	s->irq = irq_create_mapping(s->domain, 0);
	err = s->irq ? request_irq(s->irq, handle_irq, 0, KBUILD_MODNAME, s) : -ENOMEM;
	if (err) {
		irq_dispose_mapping(s->irq);
		irq_domain_remove_sim(s->domain);
	}
	return err;
}

static void fire_irq(struct source *s)
{
	WARN_ON(irq_set_irqchip_state(s->irq, IRQCHIP_STATE_PENDING, true));
}

static void teardown_irq(struct source *s)
{
	free_irq(s->irq, s);
	irq_dispose_mapping(s->irq);
	irq_domain_remove_sim(s->domain);
}

/* Timers */

static void handle_timer(struct timer_list *timer)
{
	handle(timer_container_of((struct source *)NULL, timer, timer));
}

static int setup_timer(struct source *s)
{
	timer_setup(&s->timer, handle_timer, TIMER_PINNED);
	return 0;
}

static void fire_timer(struct source *s)
{
	mod_timer(&s->timer, jiffies);
}

static void teardown_timer(struct source *s)
{
	timer_shutdown_sync(&s->timer);
}

/* Tasklets */

static void handle_tasklet(struct tasklet_struct *tasklet)
{
	handle(container_of(tasklet, struct source, tasklet));
}

static int setup_tasklet(struct source *s)
{
	tasklet_setup(&s->tasklet, handle_tasklet);
	return 0;
}

static void fire_tasklet(struct source *s)
{
	tasklet_schedule(&s->tasklet);
}

static void teardown_tasklet(struct source *s)
{
	tasklet_kill(&s->tasklet);
}

#ifdef CONFIG_NET
/* Softirqs that receive packets: the same packet of an unused protocol */

#define PROTOCOL	ETH_P_802_EX1

static int handle_packet(struct sk_buff *skb, struct net_device *dev,
			 struct packet_type *type, struct net_device *orig_dev)
{
	handle(*(struct source **)skb->data);
	return NET_RX_SUCCESS;
}

static struct packet_type packets = {
	.type = cpu_to_be16(PROTOCOL),
	.func = handle_packet,
};

static int setup_packets(struct source *s)
{
	s->skb = alloc_skb(sizeof(s), GFP_KERNEL);
	if (!s->skb)
		return -ENOMEM;
	*(struct source **)skb_put(s->skb, sizeof(s)) = s;
	return 0;
}

static void fire_packet(struct source *s)
{
	s->skb->dev = init_net.loopback_dev;
	s->skb->protocol = packets.type;
	skb_reset_mac_header(s->skb);
	netif_rx(s->skb);
}

static void teardown_packets(struct source *s)
{
	kfree_skb(s->skb);
}
#endif

static const struct source_ops sources[] = {
	{ "interrupt", setup_irq, fire_irq, teardown_irq },
	{ "timer", setup_timer, fire_timer, teardown_timer },
	{ "tasklet", setup_tasklet, fire_tasklet, teardown_tasklet },
#ifdef CONFIG_NET
	{ "packet", setup_packets, fire_packet, teardown_packets },
#endif
};

#define NR_SOURCES	(ARRAY_SIZE(sources) * NR_CPUS_USED)

static int run_source(void *data)
{
	struct source *s = data;

	while (s->left) {
		s->ops->fire(s);
		wait_for_completion(&s->handled);
	}
	kthread_complete_and_exit(&s->done, 0);
}

/*
 * Memory that is filled: a thread takes single pages down to the watermark, and
 * lets go of some of them now and then.
 */

#define FILL_STEP	64

static LIST_HEAD(filling);
static DEFINE_SPINLOCK(filling_lock);

static unsigned long let_go(unsigned long nr)
{
	unsigned long freed = 0;
	struct page *page;

	guard(spinlock)(&filling_lock);
	for (; freed < nr && !list_empty(&filling); freed++) {
		page = list_first_entry(&filling, struct page, lru);
		list_del(&page->lru);
		__free_page(page);
	}
	return freed;
}

/* Called before the OOM killer kills a task. */
static int let_go_for_others(struct notifier_block *nb, unsigned long unused, void *freed)
{
	*(unsigned long *)freed += let_go(16 * FILL_STEP);
	return NOTIFY_OK;
}

static struct notifier_block oom_notifier = { .notifier_call = let_go_for_others };

static int run_filler(void *unused)
{
	struct page *page;

	while (!kthread_should_stop()) {
		while ((page = alloc_page(GFP_NOWAIT))) {
			guard(spinlock)(&filling_lock);
			list_add(&page->lru, &filling);
		}
		schedule_timeout_interruptible(1);
		let_go(FILL_STEP);
	}
	let_go(ULONG_MAX);
	return 0;
}

static int run_sources(struct source *all, unsigned int state)
{
	unsigned long nr = tvc_interrupts / NR_STATES / NR_SOURCES;
	int i, err = 0;

	for (i = 0; i < NR_SOURCES; i++) {
		struct source *s = &all[i];

		s->left = nr;
		memset(s->results, 0, sizeof(s->results));
		init_completion(&s->handled);
		init_completion(&s->done);
	}
	for (i = 0; i < NR_SOURCES; i++) {
		wake_up_process(all[i].tasks[state]);
		/* It ends by itself. */
		all[i].tasks[state] = NULL;
	}

	for (i = 0; i < NR_SOURCES; i++) {
		struct source *s = &all[i];

		wait_for_completion(&s->done);
		pr_info("interrupts {\"memory\":\"%s\",\"source\":\"%s\",\"cpu\":%d,\"asked\":%lu,\"mapped\":%lu,\"contiguous\":%lu,\"refused\":%lu}\n",
			state_names[state], s->ops->name, s->cpu, nr, s->results[MAPPED],
			s->results[CONTIGUOUS], s->results[REFUSED]);
		if (s->bad || !s->results[MAPPED])
			err = -EINVAL;
	}
	return err;
}

static int run_states(struct source *all, struct task_struct *filler)
{
	/* The kernel may create workers, which need blocks. */
	unsigned int left = IS_ENABLED(CONFIG_VMAP_STACK) ? 1 : THREAD_SIZE_ORDER;
	int err;

	err = tvc_fragment(left + 1);
	if (err)
		return err;
	err = run_sources(all, FRAGMENTED);

	wake_up_process(filler);
	err = run_sources(all, FILLED) ?: err;
	return err;
}

/* The threads are created first: their stacks may need blocks. */
static int run_all(struct source *all)
{
	struct task_struct *filler;
	int i, state, err;

	register_oom_notifier(&oom_notifier);
	filler = kthread_create(run_filler, NULL, "vcompound/fill");
	err = PTR_ERR_OR_ZERO(filler);
	if (err)
		goto out;
	for (i = 0; i < NR_SOURCES * NR_STATES && !err; i++) {
		struct source *s = &all[i / NR_STATES];
		struct task_struct *task;

		task = kthread_create_on_cpu(run_source, s, s->cpu, "vcompound/%u");
		err = PTR_ERR_OR_ZERO(task);
		s->tasks[i % NR_STATES] = err ? NULL : task;
	}
	if (!err)
		err = run_states(all, filler);

	kthread_stop(filler);
	for (i = 0; i < NR_SOURCES; i++)
		for (state = 0; state < NR_STATES; state++)
			if (all[i].tasks[state])
				kthread_stop(all[i].tasks[state]);
out:
	unregister_oom_notifier(&oom_notifier);
	return err;
}

/* Make the requests, and check that no page is lost or has a second owner. */
int tvc_use_interrupts(void)
{
	unsigned long before, after, slack = 512 + tvc_interrupts / 1000;
	unsigned int percent = vcompound_force(0);
	struct source *all;
	int i, cpu, err;

	all = kcalloc(NR_SOURCES, sizeof(*all), GFP_KERNEL);
	if (!all)
		return -ENOMEM;
#ifdef CONFIG_NET
	rtnl_lock();
	err = dev_open(init_net.loopback_dev, NULL);
	rtnl_unlock();
	if (err)
		goto free;
	dev_add_pack(&packets);
#endif
	cpu = cpumask_first(cpu_online_mask);
	for (i = 0; i < NR_SOURCES; i++) {
		struct source *s = &all[i];

		s->ops = &sources[i % ARRAY_SIZE(sources)];
		if (i && !(i % ARRAY_SIZE(sources)))
			cpu = cpumask_next_wrap(cpu, cpu_online_mask);
		s->cpu = cpu;
		s->next_stamp = (unsigned long)i << 24;
		prandom_seed_state(&s->rnd, i);
		err = s->ops->setup(s);
		if (err)
			goto teardown;
	}

	before = tvc_pages_in_use();
	err = run_all(all);
	tvc_unfragment();
	vcompound_drain();
	after = tvc_pages_in_use();
	/* KASAN keeps freed objects for long. */
	if (IS_ENABLED(CONFIG_KASAN))
		slack += totalram_pages() / 32;
	if (after > before + slack) {
		pr_err("%lu pages more in use than before\n", after - before);
		err = -EINVAL;
	}
	pr_info("Summary: interrupts passed: %d failed: %d\n", !err, !!err);
teardown:
	while (i--)
		all[i].ops->teardown(&all[i]);
#ifdef CONFIG_NET
	dev_remove_pack(&packets);
free:
#endif
	kfree(all);
	vcompound_force(percent);
	return err;
}
