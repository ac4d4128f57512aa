// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for pages of virtual compound pages that a socket hands to user
 * space.
 */
#include <linux/bvec.h>
#include <linux/in.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/socket.h>
#include <linux/tcp.h>
#include <linux/uio.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "vcompound_kunit.h"

/* All of it fits in one packet, so that no page is split between two. */
#define VC_NET_ORDER	2
#define VC_NET_NR	BIT(VC_NET_ORDER)
/* The pages of an allocation, and an ordinary one behind them. */
#define VC_NET_SENT	(VC_NET_NR + 1)

static const struct vc_param vc_net_families[] = {
	{ "" },
	{}
};

VC_GEN_PARAMS_FAMILIES(vc_net_families)

/* Two ends of a connection over loopback; the receiving one is a file. */
struct vc_connection {
	struct socket *sender;
	struct socket *receiver;
	struct file *file;
};

static void vc_loopback_down(void *unused)
{
	rtnl_lock();
	dev_change_flags(init_net.loopback_dev,
			 netif_get_flags(init_net.loopback_dev) & ~IFF_UP, NULL);
	rtnl_unlock();
}

/* Bring loopback up while the test runs, if it is down. */
static void vc_loopback_up(struct kunit *test)
{
	struct net_device *lo = init_net.loopback_dev;
	bool up;
	int err = 0;

	rtnl_lock();
	up = netif_get_flags(lo) & IFF_UP;
	if (!up)
		err = dev_change_flags(lo, netif_get_flags(lo) | IFF_UP, NULL);
	rtnl_unlock();

	KUNIT_ASSERT_EQ(test, 0, err);
	if (!up)
		KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_loopback_down, NULL));
}

static void vc_release(void *sock)
{
	sock_release(sock);
}

static void vc_fput(void *file)
{
	__fput_sync(file);
}

static struct socket *vc_socket(struct kunit *test)
{
	struct socket *sock;

	KUNIT_ASSERT_EQ(test, 0, sock_create_kern(&init_net, AF_INET, SOCK_STREAM,
						  IPPROTO_TCP, &sock));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_release, sock));
	return sock;
}

static void vc_connect(struct kunit *test, struct vc_connection *c)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct sockaddr_unsized *name = (struct sockaddr_unsized *)&addr;
	struct socket *listener;

	vc_loopback_up(test);
	listener = vc_socket(test);
	c->sender = vc_socket(test);
	KUNIT_ASSERT_EQ(test, 0, kernel_bind(listener, name, sizeof(addr)));
	KUNIT_ASSERT_EQ(test, 0, kernel_listen(listener, 1));
	KUNIT_ASSERT_LE(test, 0, kernel_getsockname(listener, (struct sockaddr *)&addr));
	KUNIT_ASSERT_EQ(test, 0, kernel_connect(c->sender, name, sizeof(addr), 0));
	KUNIT_ASSERT_EQ(test, 0, kernel_accept(listener, &c->receiver, 0));
	/*
	 * Loopback loses nothing; the timeout keeps a failing test from
	 * hanging.
	 */
	c->receiver->sk->sk_rcvtimeo = 10 * HZ;
	c->file = sock_alloc_file(c->receiver, O_RDWR, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, c->file);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_fput, c->file));
}

static int vc_receive(struct vc_connection *c, void *buf, size_t len, int flags)
{
	struct kvec vec = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = {};

	return kernel_recvmsg(c->receiver, &msg, &vec, 1, len, flags);
}

/*
 * Receive with TCP_ZEROCOPY_RECEIVE, and with recv() as far as that requires
 * it, as programs do. Returns how many bytes were mapped.
 */
static size_t vc_zerocopy_receive(struct kunit *test, struct vc_connection *c,
				  u8 *buf, size_t size)
{
	struct {
		struct tcp_zerocopy_receive zc;
		int len;
	} __user *args;
	unsigned long map, uaddr;
	size_t mapped = 0, done = 0;

	map = kunit_vm_mmap(test, c->file, 0, size, PROT_READ, MAP_SHARED, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(map) || !map);
	uaddr = kunit_vm_mmap(test, NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
			      MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(uaddr) || !uaddr);
	args = (void __user *)uaddr;

	while (done < size) {
		struct tcp_zerocopy_receive zc = {
			.address = map,
			.length = size - done,
		};
		size_t step;

		KUNIT_ASSERT_EQ(test, 0, put_user((int)sizeof(zc), &args->len));
		KUNIT_ASSERT_EQ(test, 0UL, copy_to_user(&args->zc, &zc, sizeof(zc)));
		KUNIT_ASSERT_EQ(test, 0, do_sock_getsockopt(c->receiver, false, SOL_TCP,
							    TCP_ZEROCOPY_RECEIVE,
							    USER_SOCKPTR(&args->zc),
							    USER_SOCKPTR(&args->len)));
		KUNIT_ASSERT_EQ(test, 0UL, copy_from_user(&zc, &args->zc, sizeof(zc)));

		KUNIT_ASSERT_LE(test, (size_t)zc.length, size - done);
		KUNIT_ASSERT_EQ(test, 0UL, copy_from_user(buf + done, (void __user *)map,
							  zc.length));
		mapped += zc.length;
		done += zc.length;

		step = min_t(size_t, zc.recv_skip_hint, size - done);
		KUNIT_ASSERT_NE(test, 0, zc.length + step);
		if (step)
			KUNIT_ASSERT_EQ(test, (int)step,
					vc_receive(c, buf + done, step, MSG_DONTWAIT));
		done += step;
	}
	return mapped;
}

/*
 * Pages that are sent without a copy and cannot be mapped by the receiver are
 * copied there; none gets into a user page table.
 */
static void test_tcp_zerocopy(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	const size_t size = VC_NET_SENT * PAGE_SIZE;
	struct msghdr msg = { .msg_flags = MSG_SPLICE_PAGES };
	struct page *plain = alloc_page(GFP_KERNEL);
	struct page *pages[VC_NET_SENT];
	struct vc_connection c = {};
	struct bio_vec bvec[VC_NET_SENT];
	size_t mappable = 0;
	struct page *head;
	void *addr;
	u8 *got;
	int i;

	got = kunit_kmalloc(test, size, GFP_KERNEL);
	if (param->exact)
		addr = __alloc_vcompound_exact(VC_NET_NR * PAGE_SIZE, GFP_KERNEL);
	else
		addr = __alloc_vcompound(GFP_KERNEL, VC_NET_ORDER);
	KUNIT_ASSERT_NOT_NULL(test, got);
	KUNIT_ASSERT_NOT_NULL(test, plain);
	KUNIT_ASSERT_NOT_NULL(test, addr);
	head = vcompound_to_page(addr);

	/* Even pages first, so that no page is sent after its neighbour. */
	for (i = 0; i < VC_NET_NR; i++)
		pages[i] = compound_nth_page(head, i * 2 % VC_NET_NR + i * 2 / VC_NET_NR);
	pages[i] = plain;
	for (i = 0; i < VC_NET_SENT; i++) {
		u8 *bytes = kmap_local_page(pages[i]);

		memset(bytes, i + 1, PAGE_SIZE);
		kunmap_local(bytes);
		bvec_set_page(&bvec[i], pages[i], PAGE_SIZE, 0);
		if (!PageCompound(pages[i]) && !page_has_type(pages[i]))
			mappable += PAGE_SIZE;
	}

	vc_connect(test, &c);
	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, bvec, VC_NET_SENT, size);
	KUNIT_EXPECT_EQ(test, (int)size, sock_sendmsg(c.sender, &msg));
	/* All of it has arrived before the first read. */
	KUNIT_EXPECT_EQ(test, (int)size, vc_receive(&c, got, size, MSG_PEEK | MSG_WAITALL));

	memset(got, 0, size);
	KUNIT_EXPECT_EQ(test, mappable, vc_zerocopy_receive(test, &c, got, size));
	for (i = 0; i < VC_NET_SENT; i++)
		KUNIT_EXPECT_NULL(test, memchr_inv(got + i * PAGE_SIZE, i + 1, PAGE_SIZE));
	/* The plain page shows that pages are mapped at all. */
	KUNIT_EXPECT_GE(test, mappable, PAGE_SIZE);

	free_vcompound(head);
	__free_page(plain);
}

static struct kunit_case vcompound_net_test_cases[] = {
	KUNIT_CASE_PARAM(test_tcp_zerocopy, vc_net_families_gen_params),
	{}
};

static struct kunit_suite vcompound_net_test_suite = {
	.name = "vcompound_net",
	.suite_init = vc_suite_init,
	.suite_exit = vc_suite_exit,
	.init = vc_init,
	.exit = vc_exit,
	.test_cases = vcompound_net_test_cases,
};

kunit_test_suite(vcompound_net_test_suite);

MODULE_DESCRIPTION("KUnit tests for virtual compound pages in sockets");
MODULE_LICENSE("GPL");
