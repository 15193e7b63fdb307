#!/bin/bash
# SPDX-License-Identifier: MIT
# Calls with ffmpeg, GStreamer and talkpath itself as the other end, judged by their sound:
# run.sh [PATTERN], a pattern picks cases by name ("gst.*opus"). The last line is "N passed, N failed".
#
# Only one end talks in a case, in real time, on free ports of 127.0.0.1. INTEROP_JOBS: cases at a
# time (2). A busy machine makes a sender late, and playout delay then moves as it must: a case is tried
# up to three times, and says how often.
set -u
export LC_ALL=C

build=${BUILD:-build}
export talkpath=$build/talkpath tools=$build/tests/interop
speech=speech/p225_003.wav

work=$(mktemp -d)
export work
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# Where the system allows it, other programs do not get between a packet and its time.
rt=
chrt -f 20 true 2>/dev/null && rt='chrt -f 20'
export rt

# ---- What is there --------------------------------------------------------------------------

missing=()
command -v ffmpeg >/dev/null || missing+=('ffmpeg')
for element in udpsrc rtpjitterbuffer opusenc srtpenc avenc_g722; do
	gst-inspect-1.0 "$element" >/dev/null 2>&1 || missing+=("GStreamer's $element")
done
if [ ${#missing[@]} != 0 ]; then
	printf -v list '%s, ' "${missing[@]}"
	echo "interop: ${list%, } missing; './deps.sh build check' installs what these calls need" >&2
	exit 1
fi

# ---- Codecs, as each program names them -----------------------------------------------------

# Sets rate, least (correlation), pt, rtpmap, ff_send, gst_send, gst_caps and gst_receive.
codec() {
	least=0.95
	local ms20='min-ptime=20000000 max-ptime=20000000'
	case $1 in
	pcmu)
		rate=8000 pt=0 rtpmap=PCMU/8000 ff_send='-c:a pcm_mulaw'
		gst_send="mulawenc ! rtppcmupay $ms20" gst_receive='rtppcmudepay ! mulawdec'
		;;
	pcma)
		rate=8000 pt=8 rtpmap=PCMA/8000 ff_send='-c:a pcm_alaw'
		gst_send="alawenc ! rtppcmapay $ms20" gst_receive='rtppcmadepay ! alawdec'
		;;
	g722)
		rate=16000 pt=9 rtpmap=G722/8000 ff_send='-c:a g722'
		gst_send="avenc_g722 ! rtpg722pay $ms20" gst_receive='rtpg722depay ! avdec_g722'
		;;
	opus)
		rate=48000 pt=96 rtpmap=opus/48000/2 least=0.8
		ff_send='-c:a libopus -b:a 24k -application voip -frame_duration 20'
		gst_send='opusenc frame-size=20 audio-type=voice bitrate=24000 ! rtpopuspay'
		gst_receive='rtpopusdepay ! opusdec plc=true'
		;;
	l16)
		rate=16000 pt=98 rtpmap=L16/16000 ff_send='-c:a pcm_s16be'
		gst_send="audioconvert ! rtpL16pay $ms20" gst_receive='rtpL16depay'
		;;
	esac
	ff_send="-ar $rate -ac 1 $ff_send -payload_type $pt"
	gst_send="audio/x-raw,rate=$rate,channels=1 ! $gst_send pt=$pt"
	gst_caps=${rtpmap%/2}
	gst_caps="media=audio,payload=$pt,encoding-name=${gst_caps%/*},clock-rate=${gst_caps#*/}"
	gst_caps=${gst_caps/opus/OPUS}
}

# ---- Keys -----------------------------------------------------------------------------------

# Sets key (base64), hex, and what GStreamer calls the suite. None for the suite "plain".
suite() {
	local len=30
	gst_cipher=aes-128-icm gst_auth=hmac-sha1-80
	case $1 in
	plain) key='' hex='' && return ;;
	*SHA1_32) gst_auth=hmac-sha1-32 ;;
	AES_256_CM*) len=46 gst_cipher=aes-256-icm ;;
	*128_GCM) len=28 gst_cipher=aes-128-gcm gst_auth=null ;;
	*256_GCM) len=44 gst_cipher=aes-256-gcm gst_auth=null ;;
	esac
	key=$(head -c $len /dev/urandom | base64 -w 0)
	hex=$(echo "$key" | base64 -d | od -An -v -tx1 | tr -d ' \n')
}

# The options of `talkpath call` for a suite: one key serves whichever end talks.
srtp_options() { # SUITE
	[ "$1" = plain ] || echo "--srtp-shared --srtp $1,inline:$key"
}

# ---- Ports ----------------------------------------------------------------------------------

# An even port of which it and the next three are free. Cases that run at once draw from ranges of their own.
free_port() { # CASE
	local port
	while port=$((20000 + $1 % 100 * 100 + RANDOM % 24 * 4)); do
		bound $port || bound $((port + 1)) || bound $((port + 2)) || bound $((port + 3)) || break
	done
	echo "$port"
}

bound() { # PORT
	grep -qi "^ *[0-9]*: [0-9a-f]*:$(printf %04x "$1") " /proc/net/udp /proc/net/udp6
}

wait_bound() { # PORT
	for _ in $(seq 100); do
		bound "$1" && return
		sleep 0.05
	done
	return 1
}

# ---- The ends -------------------------------------------------------------------------------

# Each listener and recorder runs until it is interrupted; each sender until its source is at its end.

ff_sdp() { # PORT SUITE
	local profile=RTP/AVP
	[ "$2" = plain ] || profile=RTP/SAVP
	printf 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n'
	printf 'm=audio %s %s %s\na=rtpmap:%s %s\n' "$1" $profile "$pt" "$pt" "$rtpmap"
	[ "$2" = plain ] || echo "a=crypto:1 $2 inline:$key"
}

ff_sends() { # FROM TO SUITE SOURCE
	local to="127.0.0.1:$2?localrtpport=$1&pkt_size=652" srtp=
	if [ "$3" != plain ]; then
		srtp="-srtp_out_suite $3 -srtp_out_params $key"
		to=srtp://$to
	else
		to=rtp://$to
	fi
	# shellcheck disable=SC2086
	$rt ffmpeg -hide_banner -loglevel error -nostdin -re -i "$4" $ff_send -f rtp $srtp "$to" >/dev/null
}

# Written at once: with AES_CM_128_HMAC_SHA1_32 ffmpeg awaits 32-bit tags on RTCP, where RFC 4568 6.2 has
# 80, so it does not know the BYE, waits for ever, and what it has not written by then is lost.
ff_records() { # SDP OUT
	exec $rt ffmpeg -hide_banner -loglevel error -nostdin -protocol_whitelist file,udp,rtp,srtp,crypto \
		-fflags nobuffer -analyzeduration 300000 -i "$1" -ac 1 -ar "$rate" \
		-flush_packets 1 -y "$2"
}

gst_sends() { # FROM TO SUITE SOURCE
	local srtp=
	[ "$3" = plain ] ||
		srtp="! srtpenc key=$hex rtp-cipher=$gst_cipher rtp-auth=$gst_auth rtcp-cipher=$gst_cipher rtcp-auth=$gst_auth"
	# shellcheck disable=SC2086
	$rt gst-launch-1.0 -q filesrc location="$4" ! wavparse ! audioconvert ! audioresample ! $gst_send \
		$srtp ! udpsink host=127.0.0.1 port="$2" bind-port="$1" sync=true
}

gst_records() { # PORT SUITE SSRC OUT
	local caps=application/x-rtp,$gst_caps srtp=
	if [ "$2" != plain ]; then
		caps="application/x-srtp,$gst_caps,ssrc=(uint)$3,roc=(uint)0,srtp-key=(buffer)$hex"
		caps+=",srtp-cipher=$gst_cipher,srtp-auth=$gst_auth,srtcp-cipher=$gst_cipher,srtcp-auth=$gst_auth"
		srtp='! srtpdec'
	fi
	# shellcheck disable=SC2086
	exec $rt gst-launch-1.0 -q -e udpsrc address=127.0.0.1 port="$1" caps="$caps" $srtp ! \
		rtpjitterbuffer latency=100 do-lost=true ! $gst_receive ! audioconvert ! audioresample ! \
		audio/x-raw,rate="$rate",format=S16LE,channels=1 ! wavenc ! filesink location="$4"
}

interrupt() { # PID
	kill -INT "$1" 2>/dev/null
	for _ in $(seq 60); do
		kill -0 "$1" 2>/dev/null || break
		sleep 0.05
	done
	kill -KILL "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

# ---- The cases ------------------------------------------------------------------------------

# The peer talks: a call that was told where from, and that waited.
hear_peer() { # PEER SUITE WAY
	local remote=127.0.0.1:$((port + 2)) pid
	[ "$3" = waiting ] && remote=
	# shellcheck disable=SC2046,SC2086
	$rt "$talkpath" call $remote --local 127.0.0.1:$port --codec "$codec" $(srtp_options "$2") \
		--device file:,"$dir/got.wav" --stats "$dir/stats.json" >"$dir/call" 2>&1 &
	pid=$!
	wait_bound "$port"
	sleep 0.2
	"$1_sends" $((port + 2)) "$port" "$2" "$work/source.wav" >"$dir/peer" 2>&1
	sleep 0.3
	interrupt $pid
}

# talkpath talks, after a silence in which the peer opens what --sdp wrote or is told the SSRC.
talk_to_peer() { # PEER SUITE OPTIONS
	local pid recorder ssrc=0
	[ "$1 $2" = 'gst plain' ] || [ "$1" = ff ] || {
		"$tools/first_ssrc" "$port" >"$dir/ssrc" &
		recorder=$!
		wait_bound "$port"
	}
	# shellcheck disable=SC2046,SC2086
	$rt "$talkpath" call 127.0.0.1:$port --codec "$codec" $(srtp_options "$2") $3 --sdp "$dir/sdp" \
		--device file:"$work/late.wav" --stats "$dir/stats.json" --for 9.2 >"$dir/call" 2>&1 &
	pid=$!
	if [ "$1" = ff ]; then
		while [ ! -s "$dir/sdp" ] && kill -0 $pid; do sleep 0.05; done
		ff_records "$dir/sdp" "$dir/got.wav" >"$dir/peer" 2>&1 &
	else
		[ "$2" = plain ] || { wait "$recorder" && ssrc=$(cat "$dir/ssrc"); }
		gst_records "$port" "$2" "$ssrc" "$dir/got.wav" >"$dir/peer" 2>&1 &
	fi
	recorder=$!
	wait $pid
	sleep 0.5
	interrupt $recorder
}

# Both ends are talkpath: the second talks to the first, which waits.
talk_to_self() { # ADDRESS OPTIONS
	local pid host=$1
	[ "$host" = ::1 ] && host='[::1]'
	# shellcheck disable=SC2086
	$rt "$talkpath" call --local "$host:$port" --codec "$codec" $2 --device file:,"$dir/got.wav" \
		--stats "$dir/stats.json" >"$dir/peer" 2>&1 &
	pid=$!
	wait_bound "$port"
	# shellcheck disable=SC2086
	$rt "$talkpath" call "$host:$port" --codec "$codec" $2 --no-aec --device file:"$work/source.wav" --for 6.5 \
		>"$dir/call" 2>&1
	interrupt $pid
}

figure() { # NAME
	sed -n "s/^ *\"$1\": \([-0-9.a-z]*\),\{0,1\}$/\1/p" "$dir/stats.json" | head -n 1
}

# One try; prints its figures.
try() { # PEER WAY CODEC SUITE NUMBER
	local sent=$work/source.wav line code
	codec=$3
	codec "$codec"
	suite "$4"
	port=$(free_port "$5")
	rm -f "$dir"/*
	case $1-$2 in
	*-talks | *-waiting) hear_peer "$1" "$4" "$2" ;;
	*-listens)
		talk_to_peer "$1" "$4" --no-aec
		sent=$work/late.wav
		;;
	*-canceller) # then what is sent is what it leaves of the microphone
		talk_to_peer "$1" "$4" "--record $dir/sent.wav"
		sent=$dir/sent.wav
		;;
	self-*)
		local options
		options=$(srtp_options "$4")
		case $2 in
		mux) options+=' --rtcp-mux' ;;
		one-thread) options+=' --threads 1' ;;
		esac
		if [ "$2" = ipv6 ]; then talk_to_self ::1 "$options"; else talk_to_self 127.0.0.1 "$options"; fi
		;;
	esac
	line=$("$tools/compare" --rate "$rate" --least "$least" "$sent" "$dir/got.wav" 2>&1)
	code=$?
	echo "$line (heard: late $(figure late), concealed $(figure concealed_ms) ms, squeezed" \
		"$(figure squeezed_ms) ms; xruns $(figure capture_xruns)+$(figure playback_xruns))"
	return $code
}

run_case() { # NUMBER PEER WAY CODEC SUITE
	local line name="$2 $3 $4 $5"
	dir=$work/$1
	mkdir "$dir"
	for n in 1 2 3; do
		if line=$(try "$2" "$3" "$4" "$5" "$1"); then
			[ $n = 1 ] || line+="; at try $n"
			echo "ok   $name: $line"
			return
		fi
		echo "     $name: try $n: $line"
	done
	echo "FAIL $name"
	sed 's/^/     | /' "$dir/call" "$dir/peer" 2>/dev/null | head -n 20
}
export -f codec suite srtp_options free_port bound wait_bound ff_sdp ff_sends ff_records gst_sends \
	gst_records interrupt hear_peer talk_to_peer talk_to_self figure try run_case

cases() {
	local codec suite
	for codec in pcmu pcma g722 opus l16; do
		for suite in plain AES_CM_128_HMAC_SHA1_80 AES_CM_128_HMAC_SHA1_32; do
			echo "ff talks $codec $suite"
			echo "ff listens $codec $suite"
		done
		for suite in plain AES_CM_128_HMAC_SHA1_80 AES_256_CM_HMAC_SHA1_80 AEAD_AES_128_GCM AEAD_AES_256_GCM; do
			echo "gst talks $codec $suite"
			echo "gst listens $codec $suite"
		done
	done
	echo 'ff canceller pcmu plain'
	echo 'gst canceller opus AEAD_AES_256_GCM'
	echo 'ff waiting pcmu plain'
	echo 'gst waiting opus plain'
	echo 'gst waiting g722 AEAD_AES_256_GCM'
	for suite in plain AES_CM_128_HMAC_SHA1_80; do
		for way in usual mux one-thread ipv6; do
			echo "self $way pcmu $suite"
		done
	done
}

"$tools/source" 0 48000 "$speech" "$work/source.wav" || exit 1
"$tools/source" 2500 48000 "$speech" "$work/late.wav" || exit 1
cases | grep -E "${1:-.}" | awk '{ print NR, $0 }' |
	xargs -P "${INTEROP_JOBS:-2}" -I '{}' bash -c 'run_case {}' | tee "$work/out"
passed=$(grep -c '^ok ' "$work/out")
failed=$(grep -c '^FAIL ' "$work/out")
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
