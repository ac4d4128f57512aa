// SPDX-License-Identifier: GPL-2.0
/*
 * PID 1 of the virtual machine: mount, run /scenario, look for leaks and taint, write the verdict.
 *
 * The verdict is written last and has a channel of its own, so a machine that died before cannot
 * pass. The standard output of /scenario is the channel for results; all other output goes to the
 * console. A channel is a virtio port, or the serial line that the command line names:
 * vcp.verdict=/dev/ttyS2.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define PORTS		"/sys/class/virtio-ports"
#define KMEMLEAK	"/sys/kernel/debug/kmemleak"
#define CLEAR_WARN_ONCE	"/sys/kernel/debug/clear_warn_once"
#define TAINT_TEST	(1UL << 18)	/* KUnit and the test modules set it */
#define SCANS		2		/* the next scan may find a pointer */
#define SETTLE_SECONDS	6		/* kmemleak ignores objects younger than 5 s */

static char reasons[512];

static void fail(const char *format, ...)
{
	size_t used = strlen(reasons);
	va_list args;

	if (used && used < sizeof(reasons) - 2)
		used += sprintf(reasons + used, "; ");
	va_start(args, format);
	vsnprintf(reasons + used, sizeof(reasons) - used, format, args);
	va_end(args);
}

/* Without a verdict the host reports the machine as lost. */
static void __attribute__((noreturn)) off(void)
{
	sync();
	reboot(RB_AUTOBOOT);	/* QEMU runs with -no-reboot */
	for (;;)
		pause();
}

static void __attribute__((noreturn)) lost(const char *what)
{
	fprintf(stderr, "init: %s: %s\n", what, strerror(errno));
	off();
}

static void mount_one(const char *type, const char *path, bool must)
{
	mkdir(path, 0755);
	if (mount(type, path, type, 0, NULL) && must)
		lost(path);
}

static ssize_t slurp(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, buf, size - 1);
	close(fd);
	if (n >= 0)
		buf[n] = '\0';
	return n;
}

/* Opens the virtio port of this name; the ports appear shortly after boot. */
static int open_port(const char *name)
{
	char path[512], found[64];
	struct dirent *entry;
	DIR *dir;
	int tries, fd;

	for (tries = 0; tries < 1000; tries++) {
		dir = opendir(PORTS);
		while (dir && (entry = readdir(dir))) {
			snprintf(path, sizeof(path), PORTS "/%s/name", entry->d_name);
			if (slurp(path, found, sizeof(found)) <= 0)
				continue;
			found[strcspn(found, "\n")] = '\0';
			if (strcmp(found, name))
				continue;
			snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
			fd = open(path, O_WRONLY | O_CLOEXEC);
			if (fd >= 0) {
				closedir(dir);
				return fd;
			}
		}
		if (dir)
			closedir(dir);
		usleep(10000);
	}
	lost(name);
}

static int open_line(const char *name, const char *path)
{
	struct termios raw;
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0 || tcgetattr(fd, &raw))
		lost(name);
	cfmakeraw(&raw);
	cfsetspeed(&raw, B115200);
	tcsetattr(fd, TCSANOW, &raw);
	return fd;
}

static int open_channel(const char *name)
{
	char cmdline[4096], option[64], *path;

	if (slurp("/proc/cmdline", cmdline, sizeof(cmdline)) <= 0)
		lost("/proc/cmdline");
	snprintf(option, sizeof(option), "%s=", name);
	path = strstr(cmdline, option);
	if (!path)
		return open_port(name);
	path += strlen(option);
	path[strcspn(path, " \n")] = '\0';
	return open_line(name, path);
}

/* Warnings that were printed once during boot are printed again when a test provokes them. */
static void clear_warn_once(void)
{
	int fd = open(CLEAR_WARN_ONCE, O_WRONLY | O_CLOEXEC);

	if (fd < 0) {
		fail("clear_warn_once: not there");
		return;
	}
	if (write(fd, "1", 1) != 1)
		fail("clear_warn_once: refused");
	close(fd);
}

static void run_scenario(int results)
{
	int status = -1;
	pid_t child, pid;

	child = fork();
	if (child < 0)
		lost("fork");
	if (!child) {
		setsid();
		dup2(results, STDOUT_FILENO);
		execl("/bin/sh", "sh", "/scenario", NULL);
		_exit(127);
	}
	do {
		pid = waitpid(-1, &status, 0);	/* orphans too */
	} while (pid != child && (pid > 0 || errno == EINTR));
	if (pid != child || !WIFEXITED(status))
		fail("scenario did not end by itself");
	else if (WEXITSTATUS(status))
		fail("scenario: exit %d", WEXITSTATUS(status));

	/* Processes that still run may hold memory that the scan would miss. */
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

static void look_for_leaks(void)
{
	static char report[16384];
	ssize_t n = 0;
	int fd, i;

	if (slurp("/proc/cmdline", report, sizeof(report)) > 0 && strstr(report, "kmemleak=off"))
		return;
	fd = open(KMEMLEAK, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	for (i = 0; i < SCANS; i++) {
		sleep(i ? 1 : SETTLE_SECONDS);	/* old enough once is old enough */
		if (write(fd, "scan", 4) != 4) {
			fail("kmemleak: scan refused");
			close(fd);
			return;
		}
	}
	close(fd);
	n = slurp(KMEMLEAK, report, sizeof(report));
	if (n < 0)
		fail("kmemleak: unreadable");
	if (n > 0) {
		fprintf(stderr, "%s\n", report);
		fail("kmemleak: memory leaked");
	}
}

static void look_for_taint(void)
{
	unsigned long taint, allowed = TAINT_TEST;
	char buf[4096], *word;

	if (slurp("/proc/cmdline", buf, sizeof(buf)) > 0) {
		word = strstr(buf, "vcp.taint=");
		if (word)
			allowed |= strtoul(word + strlen("vcp.taint="), NULL, 0);
	}
	if (slurp("/proc/sys/kernel/tainted", buf, sizeof(buf)) <= 0) {
		fail("taint: unreadable");
		return;
	}
	taint = strtoul(buf, NULL, 10) & ~allowed;
	if (taint)
		fail("taint: %lu", taint);
}

int main(void)
{
	int console, results, verdict;

	mount_one("devtmpfs", "/dev", true);
	console = open("/dev/console", O_RDWR);
	if (console < 0)
		off();
	dup2(console, STDIN_FILENO);
	dup2(console, STDOUT_FILENO);
	dup2(console, STDERR_FILENO);
	if (console > STDERR_FILENO)
		close(console);
	mount_one("proc", "/proc", true);
	mount_one("sysfs", "/sys", true);
	mount_one("tmpfs", "/tmp", true);
	mount_one("tmpfs", "/run", true);
	mount_one("debugfs", "/sys/kernel/debug", false);
	mount_one("tracefs", "/sys/kernel/tracing", false);
	setenv("PATH", "/guest:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/tmp", 1);

	results = open_channel("vcp.results");
	verdict = open_channel("vcp.verdict");
	clear_warn_once();
	run_scenario(results);
	close(results);
	look_for_leaks();
	look_for_taint();
	if (reasons[0])
		dprintf(verdict, "fail: %s\n", reasons);
	else
		dprintf(verdict, "pass\n");
	tcdrain(verdict);
	close(verdict);
	off();
}
