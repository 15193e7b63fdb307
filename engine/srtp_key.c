/* SPDX-License-Identifier: MIT */
/* SRTP suites by name, and their keys as SDP writes them (RFC 4568). */
#include <talkpath/talkpath.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

static const struct {
	const char *name;
	uint8_t key_len, salt_len;
} suites[] = {
	[TP_SRTP_AES_CM_128_HMAC_SHA1_80] = {"AES_CM_128_HMAC_SHA1_80", 16, 14},
	[TP_SRTP_AES_CM_128_HMAC_SHA1_32] = {"AES_CM_128_HMAC_SHA1_32", 16, 14},
	[TP_SRTP_AES_256_CM_HMAC_SHA1_80] = {"AES_256_CM_HMAC_SHA1_80", 32, 14},
	[TP_SRTP_AEAD_AES_128_GCM] = {"AEAD_AES_128_GCM", 16, 12},
	[TP_SRTP_AEAD_AES_256_GCM] = {"AEAD_AES_256_GCM", 32, 12},
};

enum {
	SUITES = sizeof(suites) / sizeof(*suites),
	MKI_WIRE_MAX = 128, /* RFC 4568 6.1; we carry TP_SRTP_MKI_MAX of them */
	LIFETIME_LOG2 = 48, /* packets that an SRTP master key may protect, RFC 3711 9.2 */
};

static const char prefix[] = "inline:";
static const char digits64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum tp_srtp_suite tp_srtp_suite_find(const char *name)
{
	for (int i = TP_SRTP_NONE + 1; i < SUITES; i++)
		if (!strcasecmp(name, suites[i].name)) /* ABNF literals ignore case, RFC 5234 2.3 */
			return (enum tp_srtp_suite)i;
	return TP_SRTP_NONE;
}

const char *tp_srtp_suite_name(enum tp_srtp_suite suite)
{
	return (unsigned)suite < SUITES ? suites[suite].name : NULL;
}

size_t tp_srtp_key_len(enum tp_srtp_suite suite)
{
	return (unsigned)suite < SUITES ? (size_t)suites[suite].key_len + suites[suite].salt_len
					: 0;
}

/* The octets that `len` characters up to '|' or the end stand for, with or without
 * padding; negative: not base64. */
static int base64_octets(const char *text, size_t len)
{
	size_t chars = strspn(text, digits64), pad = 0;

	while (pad < len - chars && text[chars + pad] == '=')
		pad++;
	if (chars + pad != len)
		return tp_fail(TP_ERR_KEY,
			       "the SRTP key is not base64: character %zu is none of it",
			       chars + pad + 1);
	if (chars % 4 == 1 || (pad && (pad > 2 || len % 4)))
		return tp_fail(TP_ERR_KEY,
			       "the SRTP key is not base64: its end is cut off or padded wrongly");
	return (int)(chars * 3 / 4);
}

/* `octet` holds all that the text stands for. */
static void base64_decode(uint8_t *octet, const char *text, size_t len)
{
	uint32_t bits = 0;
	int n = 0;

	for (size_t i = 0; i < len && text[i] != '='; i++) {
		bits = bits << 6 | (uint32_t)(strchr(digits64, text[i]) - digits64);
		n += 6;
		if (n >= 8) {
			n -= 8;
			*octet++ = (uint8_t)(bits >> n);
		}
	}
	explicit_bzero(&bits, sizeof(bits));
}

static int parse_master(struct tp_srtp_key *key, const char *text, size_t len)
{
	int found = base64_octets(text, len);
	size_t expected = tp_srtp_key_len(key->suite);

	if (found < 0)
		return found;
	if ((size_t)found != expected)
		return tp_fail(TP_ERR_KEY,
			       "%s wants %zu octets of key and salt (%zu characters), found %d",
			       tp_srtp_suite_name(key->suite), expected, (expected * 4 + 2) / 3,
			       found);
	base64_decode(key->key, text, len);
	return 0;
}

/* Reads decimal digits up to `end` and moves behind them; false: none, or more than 64 bits. */
static bool read_number(const char **text, const char *end, uint64_t *value)
{
	const char *start = *text;

	for (*value = 0; *text < end && **text >= '0' && **text <= '9'; (*text)++) {
		unsigned digit = (unsigned)(**text - '0');

		if (*value > (UINT64_MAX - digit) / 10)
			return false;
		*value = *value * 10 + digit;
	}
	return *text > start;
}

/* Checked and not kept: a key outlives no call of 2^48 packets, and libsrtp counts up to there. */
static int parse_lifetime(const char *text, const char *end)
{
	bool power = end - text > 2 && text[0] == '2' && text[1] == '^';
	uint64_t value;

	text += power ? 2 : 0;
	if (!read_number(&text, end, &value) || text != end)
		return tp_fail(TP_ERR_KEY, "the SRTP key's lifetime is not a number such as 2^31");
	if (power ? value > LIFETIME_LOG2 : !value || value > UINT64_C(1) << LIFETIME_LOG2)
		return tp_fail(TP_ERR_KEY,
			       "the SRTP key's lifetime is not between 1 and 2^%d packets",
			       LIFETIME_LOG2);
	return 0;
}

static int parse_mki(struct tp_srtp_key *key, const char *text, const char *end)
{
	uint64_t value, len;

	if (!read_number(&text, end, &value) || *text++ != ':' || !read_number(&text, end, &len) ||
	    text != end || !len || len > MKI_WIRE_MAX)
		return tp_fail(TP_ERR_KEY, "the SRTP key's MKI is not NUMBER:OCTETS, such as 1:4");
	if (len > TP_SRTP_MKI_MAX)
		return tp_fail(TP_ERR_KEY,
			       "the SRTP key's MKI has %" PRIu64 " octets, at most %d can be used",
			       len, TP_SRTP_MKI_MAX);
	if (len < sizeof(value) && value >> (8 * len))
		return tp_fail(TP_ERR_KEY,
			       "the SRTP key's MKI does not fit in its %" PRIu64 " octets", len);
	key->mki_len = (uint8_t)len;
	for (size_t i = 0; i < key->mki_len; i++)
		key->mki[i] = (uint8_t)(value >> (8 * (len - 1 - i)));
	return 0;
}

/* What may follow the key: "|lifetime", "|MKI:length" or both in this order (RFC 4568 6.1). */
static int parse_parameters(struct tp_srtp_key *key, const char *text)
{
	bool lifetime = false;

	while (*text == '|') {
		const char *end;
		bool mki;
		int error;

		text++;
		end = text + strcspn(text, "|");
		mki = memchr(text, ':', (size_t)(end - text));
		if (key->mki_len || (lifetime && !mki))
			return tp_fail(TP_ERR_KEY,
				       "the SRTP key has more behind it than lifetime and MKI");
		error = mki ? parse_mki(key, text, end) : parse_lifetime(text, end);
		if (error)
			return error;
		lifetime = true;
		text = end;
	}
	return 0;
}

static int check_suite(enum tp_srtp_suite suite)
{
	if (!tp_srtp_key_len(suite))
		return tp_fail(TP_ERR_UNSUPPORTED,
			       "an SRTP key needs one of the suites, %s for instance",
			       suites[TP_SRTP_AES_CM_128_HMAC_SHA1_80].name);
	return 0;
}

int tp_srtp_key_parse(struct tp_srtp_key *key, enum tp_srtp_suite suite, const char *text)
{
	struct tp_srtp_key parsed = {.suite = suite};
	size_t len;
	int error = check_suite(suite);

	if (error)
		return error;
	if (!strncasecmp(text, prefix, sizeof(prefix) - 1))
		text += sizeof(prefix) - 1;
	len = strcspn(text, "|");
	error = parse_master(&parsed, text, len);
	if (!error)
		error = parse_parameters(&parsed, text + len);
	if (!error)
		*key = parsed;
	explicit_bzero(&parsed, sizeof(parsed));
	return error;
}

int tp_srtp_key_generate(struct tp_srtp_key *key, enum tp_srtp_suite suite)
{
	size_t len = tp_srtp_key_len(suite);
	int error = check_suite(suite);

	if (error)
		return error;
	memset(key, 0, sizeof(*key));
	key->suite = suite;
	/* Up to 256 octets come whole or not at all. */
	if (getrandom(key->key, len, 0) != (ssize_t)len)
		return tp_fail(TP_ERR_SYSTEM, "the system gives no random numbers for an SRTP key");
	return 0;
}

static char *base64_encode(char *text, const uint8_t *octet, size_t len)
{
	uint32_t bits;

	for (size_t i = 0; i < len; i += 3) {
		bits = (uint32_t)octet[i] << 16;
		if (i + 1 < len)
			bits |= (uint32_t)octet[i + 1] << 8;
		if (i + 2 < len)
			bits |= octet[i + 2];
		*text++ = digits64[bits >> 18];
		*text++ = digits64[bits >> 12 & 63];
		*text++ = i + 1 < len ? digits64[bits >> 6 & 63] : '=';
		*text++ = i + 2 < len ? digits64[bits & 63] : '=';
	}
	explicit_bzero(&bits, sizeof(bits));
	return text;
}

int tp_srtp_key_format(const struct tp_srtp_key *key, char *text, size_t cap)
{
	char mki[32] = ""; /* "|" 20 digits ":" 1 digit */
	size_t len = tp_srtp_key_len(key->suite), need;
	uint64_t value = 0;
	char *end;

	if (!len || key->mki_len > TP_SRTP_MKI_MAX)
		return tp_fail(TP_ERR_ARGUMENT,
			       "no SRTP key to write: its suite or its MKI is not valid");
	for (int i = 0; i < key->mki_len; i++)
		value = value << 8 | key->mki[i];
	if (key->mki_len)
		snprintf(mki, sizeof(mki), "|%" PRIu64 ":%d", value, key->mki_len);
	need = sizeof(prefix) - 1 + (len + 2) / 3 * 4 + strlen(mki);
	if (need >= cap)
		return tp_fail(TP_ERR_ARGUMENT,
			       "an SRTP key takes %zu characters, there is room for %zu", need + 1,
			       cap);
	end = base64_encode(stpcpy(text, prefix), key->key, len);
	memcpy(end, mki, strlen(mki) + 1);
	return (int)need;
}
