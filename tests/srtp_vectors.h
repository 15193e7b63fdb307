/* SPDX-License-Identifier: MIT */
/* SRTP packets known beforehand, in hexadecimal. Master keys are those of RFC 3711 B.3 and RFC 6188 7.2,
 * and for GCM ascending octets; libsrtp_* are the packets of that library's self-test, derived_* were
 * computed by the text of RFC 3711, 6188 and 7714 on another AES and HMAC, which finds libsrtp_* too. */
#ifndef SRTP_VECTORS_H
#define SRTP_VECTORS_H

#include <talkpath/talkpath.h>

struct srtp_vector {
	const char *name;
	enum tp_srtp_suite suite;
	const char *key; /* and salt */
	const char *mki;
	uint32_t rollover;
	const char *rtp, *srtp;
	const char *rtcp, *srtcp; /* of SRTCP index 1; NULL: none */
};

static const struct srtp_vector srtp_vectors[] = {
	{
		.name = "libsrtp_validate",
		.suite = TP_SRTP_AES_CM_128_HMAC_SHA1_80,
		.key = "e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6",
		.mki = "",
		.rtp = "800f1234decafbadcafebabeabababababababababababababababab",
		.srtp = "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b"
			"8dbb",
		.rtcp = "81c8000bcafebabeabababababababababababababababab",
		.srtcp = "81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c123"
			 "0798",
	},
	{
		.name = "libsrtp_validate_mki",
		.suite = TP_SRTP_AES_CM_128_HMAC_SHA1_80,
		.key = "e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6",
		.mki = "e1f97a0d",
		.rtp = "800f1234decafbadcafebabeabababababababababababababababab",
		.srtp = "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402e1f97a0db78d6acc"
			"99ea179b8dbb",
		.rtcp = "81c8000bcafebabeabababababababababababababababab",
		.srtcp = "81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001e1f97a0d993e08cd"
			 "54d6c1230798",
	},
	{
		.name = "libsrtp_validate_gcm",
		.suite = TP_SRTP_AEAD_AES_128_GCM,
		.key = "000102030405060708090a0b0c0d0e0fa0a1a2a3a4a5a6a7a8a9aaab",
		.mki = "",
		.rtp = "800f1234decafbadcafebabeabababababababababababababababab",
		.srtp = "800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06ed2976826f796b201"
			"df3131a127e8a392",
		.rtcp = "81c8000bcafebabeabababababababababababababababab",
		.srtcp = "81c8000bcafebabec98b8b5df0392a55852b6c21ac8e7025c52c6fbea2b3b446ea31123b"
			 "a88ce61e80000001",
	},
	{
		.name = "libsrtp_validate_aes_256",
		.suite = TP_SRTP_AES_256_CM_HMAC_SHA1_80,
		.key = "f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b63b04803d"
		       "e51ee7c96423ab5b78d2",
		.mki = "",
		.rtp = "800f1234decafbadcafebabeabababababababababababababababab",
		.srtp = "800f1234decafbadcafebabef1d9de17ff251ff1aa007774b0b4b40da08d9d9a5b3a55d8"
			"873b",
	},
	{
		.name = "derived_cm128_sha1_32",
		.suite = TP_SRTP_AES_CM_128_HMAC_SHA1_32,
		.key = "e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6",
		.mki = "",
		.rtp = "800f1234decafbadcafebabeabababababababababababababababab",
		.srtp = "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc",
	},
	{
		.name = "derived_roc_0_seq_ffff",
		.suite = TP_SRTP_AES_CM_128_HMAC_SHA1_80,
		.key = "e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6",
		.mki = "",
		.rtp = "800fffffdecafbadcafebabeabababababababababababababababab",
		.srtp = "800fffffdecafbadcafebabef36e96fc87ac01758cea5f94ba171db81149c9c49efa93c1"
			"b483",
	},
	{
		.name = "derived_roc_1_seq_0000",
		.suite = TP_SRTP_AES_CM_128_HMAC_SHA1_80,
		.key = "e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6",
		.mki = "",
		.rollover = 0x1,
		.rtp = "800f0000decafbadcafebabeabababababababababababababababab",
		.srtp = "800f0000decafbadcafebabe24ecf92d9c97bf2ac679b796fdfd365a267beecdc5645659"
			"0e62",
	},
	{
		.name = "derived_roc_1_seq_8000",
		.suite = TP_SRTP_AES_CM_128_HMAC_SHA1_80,
		.key = "e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6",
		.mki = "",
		.rollover = 0x1,
		.rtp = "800f8000decafbadcafebabeabababababababababababababababab",
		.srtp = "800f8000decafbadcafebabe3877845b1d6d7d27b8f4c5d777f59116f028c47fa3324f62"
			"72f3",
	},
	{
		.name = "derived_roc_12345678_seq_0001",
		.suite = TP_SRTP_AES_CM_128_HMAC_SHA1_80,
		.key = "e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6",
		.mki = "",
		.rollover = 0x12345678,
		.rtp = "800f0001decafbadcafebabeabababababababababababababababab",
		.srtp = "800f0001decafbadcafebabedf4c957af6abd7cccbbddd238247364fc34acce9c8a5c36a"
			"adb3",
	},
	{
		.name = "derived_cm128_sha1_32_mki",
		.suite = TP_SRTP_AES_CM_128_HMAC_SHA1_32,
		.key = "e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6",
		.mki = "00000007",
		.rtp = "800f1234decafbadcafebabeabababababababababababababababab",
		.srtp = "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d240200000007b78d6acc",
		.rtcp = "81c8000bcafebabeabababababababababababababababab",
		.srtcp = "81c8000bcafebabe7128035be487b9bdbef89041f977a5a88000000100000007993e08cd"
			 "54d6c1230798",
	},
	{
		.name = "derived_cm256_sha1_80_mki",
		.suite = TP_SRTP_AES_256_CM_HMAC_SHA1_80,
		.key = "f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b63b04803d"
		       "e51ee7c96423ab5b78d2",
		.mki = "0102030405060708",
		.rtp = "800f1234decafbadcafebabeabababababababababababababababab",
		.srtp = "800f1234decafbadcafebabef1d9de17ff251ff1aa007774b0b4b40d0102030405060708"
			"a08d9d9a5b3a55d8873b",
		.rtcp = "81c8000bcafebabeabababababababababababababababab",
		.srtcp = "81c8000bcafebabeb4d0e7a917d24b9faab9d3b6127b3ba6800000010102030405060708"
			 "e04ac0ec2846f71bd31c",
	},
	{
		.name = "derived_gcm128_mki",
		.suite = TP_SRTP_AEAD_AES_128_GCM,
		.key = "000102030405060708090a0b0c0d0e0fa0a1a2a3a4a5a6a7a8a9aaab",
		.mki = "2a",
		.rtp = "800f1234decafbadcafebabeabababababababababababababababab",
		.srtp = "800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06ed2976826f796b201"
			"df3131a127e8a3922a",
		.rtcp = "81c8000bcafebabeabababababababababababababababab",
		.srtcp = "81c8000bcafebabec98b8b5df0392a55852b6c21ac8e7025c52c6fbea2b3b446ea31123b"
			 "a88ce61e800000012a",
	},
	{
		.name = "derived_gcm256",
		.suite = TP_SRTP_AEAD_AES_256_GCM,
		.key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fa0a1a2a3"
		       "a4a5a6a7a8a9aaab",
		.mki = "",
		.rtp = "800f1234decafbadcafebabeabababababababababababababababab",
		.srtp = "800f1234decafbadcafebabe0af7f21e8a90bdad7a425c9c31ed4bb1d90238917e7390a2"
			"793500e1681acaea",
		.rtcp = "81c8000bcafebabeabababababababababababababababab",
		.srtcp = "81c8000bcafebabe8abfafa780070a90e80f9161cf4aac081ed93aaa53c15b0f3ed1a3b9"
			 "84167b0380000001",
	},
	{
		.name = "derived_gcm256_mki",
		.suite = TP_SRTP_AEAD_AES_256_GCM,
		.key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fa0a1a2a3"
		       "a4a5a6a7a8a9aaab",
		.mki = "01020304",
		.rtp = "800f1234decafbadcafebabeabababababababababababababababab",
		.srtp = "800f1234decafbadcafebabe0af7f21e8a90bdad7a425c9c31ed4bb1d90238917e7390a2"
			"793500e1681acaea01020304",
		.rtcp = "81c8000bcafebabeabababababababababababababababab",
		.srtcp = "81c8000bcafebabe8abfafa780070a90e80f9161cf4aac081ed93aaa53c15b0f3ed1a3b9"
			 "84167b038000000101020304",
	},
	{
		.name = "derived_cm128_csrc_extension",
		.suite = TP_SRTP_AES_CM_128_HMAC_SHA1_80,
		.key = "e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6",
		.mki = "",
		.rtp = "b10f1234decafbadcafebabe11223344bede000110ff0000abababababababababababab"
		       "00000004",
		.srtp = "b10f1234decafbadcafebabe11223344bede000110ff00004e55dc4ce79978d88ca4d215"
			"3f368fad7bc6373c9ba654d429b3",
		.rtcp = "81c8000bcafebabeabababababababababababababababab",
		.srtcp = "81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c123"
			 "0798",
	},
	{
		.name = "derived_gcm256_csrc_extension",
		.suite = TP_SRTP_AEAD_AES_256_GCM,
		.key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fa0a1a2a3"
		       "a4a5a6a7a8a9aaab",
		.mki = "",
		.rtp = "b10f1234decafbadcafebabe11223344bede000110ff0000abababababababababababab"
		       "00000004",
		.srtp = "b10f1234decafbadcafebabe11223344bede000110ff00000af7f21e8a90bdad7a425c9c"
			"9a46e01ee373b635532acea3f4969b4cff76a817",
		.rtcp = "81c8000bcafebabeabababababababababababababababab",
		.srtcp = "81c8000bcafebabe8abfafa780070a90e80f9161cf4aac081ed93aaa53c15b0f3ed1a3b9"
			 "84167b0380000001",
	},
	{
		.name = "derived_gcm128_no_payload",
		.suite = TP_SRTP_AEAD_AES_128_GCM,
		.key = "000102030405060708090a0b0c0d0e0fa0a1a2a3a4a5a6a7a8a9aaab",
		.mki = "",
		.rtp = "800f1234decafbadcafebabe",
		.srtp = "800f1234decafbadcafebabea54cf41923fe795682bfb4238537d2fe",
		.rtcp = "81c8000bcafebabeabababababababababababababababab",
		.srtcp = "81c8000bcafebabec98b8b5df0392a55852b6c21ac8e7025c52c6fbea2b3b446ea31123b"
			 "a88ce61e80000001",
	},
	{
		.name = "derived_cm128_no_payload",
		.suite = TP_SRTP_AES_CM_128_HMAC_SHA1_80,
		.key = "e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6",
		.mki = "",
		.rtp = "800f1234decafbadcafebabe",
		.srtp = "800f1234decafbadcafebabe773c2e1cd91d590d16e5",
		.rtcp = "81c8000bcafebabeabababababababababababababababab",
		.srtcp = "81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c123"
			 "0798",
	},
};

#endif
