# SPDX-License-Identifier: GPL-2.0
# KASAN's own suite. Its reports and their taint (bad page) are expected. kasan_strings fails
# without the series too: strscpy() on x86 reads whole words, which KASAN does not check.
kernel DEBUG
append kmemleak=off kunit.enable=1 kunit.autorun=1 kunit.filter=module=kasan_test
memory 2048M
run run-kunit
taint 32
known ^kasan/kasan_strings$
