# SPDX-License-Identifier: GPL-2.0
# KASAN's own suite: its reports, and the taint that they leave (bad page), are what it passes by.
# kasan_strings: x86 reads by words in strscpy(), which KASAN does not see; fails without the
# series too.
kernel DEBUG
append kmemleak=off kunit.enable=1 kunit.autorun=1 kunit.filter=module=kasan_test
memory 2048M
run run-kunit
taint 32
known ^kasan/kasan_strings$
