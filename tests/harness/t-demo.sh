# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2016
# demo on the results of a run that has already been. Sourced by run.

toy=$tmp/demo
mkdir -p "$toy/bases"
printf 'KVER=1.2.3\n' >"$toy/bases/toy.conf"
demo=(env BASE=toy "VCP_TOP=$toy" "VCP_CACHE=$toy/cache" "$scripts/machine/demo" --show)

expect 'demo: D22: how the calls differ' 0 '^   pages held for 33 pages  .* 64  .* 33  .* 33$' \
	"${demo[@]}" "$here/logs/demo.results"
expect 'demo: a row of the table' 0 \
	'^          alloc_vcompound   1000   1000   100%     8000          0$' \
	"${demo[@]}" "$here/logs/demo.results"
expect 'demo: requests in interrupts' 0 '^   alloc_vcompound   1000    999$' \
	"${demo[@]}" "$here/logs/demo.results"
expect 'demo: says that memory was short' 0 'Fewer than 1000' "${demo[@]}" "$here/logs/demo.results"
expect 'demo: an area' 0 'e1000_setup_all_tx_resources.* vcompound' "${demo[@]}" \
	"$here/logs/demo.results"
expect 'demo: the time of the machine' 0 \
	'out/demo.json; the machine ran for 31 s$' "${demo[@]}" "$here/logs/demo.results"
expect 'demo: data, with all its keys' 0 '^true$' jq -e '.base == "1.2.3"
	and .difference[0] == {"what": "pages held for 33 pages", "method": "kvmalloc", "got": "64"}
	and .fresh[0] == {"order": 1, "contiguous": true}
	and (.fragmented[0] | keys) == ["asked", "contiguous", "got", "method", "order", "pages"]
	and .interrupt[0] == {"method": "kmalloc", "asked": 1000, "got": 0}
	and ."e1000"[0].intact and .counters.vcompound_fallback == 7' "$toy/out/demo.json"
expect 'demo: no results' 3 'no results from the guest' "${demo[@]}" "$tmp/none"
