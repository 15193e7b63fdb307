/* SPDX-License-Identifier: MIT */
/* Registers of the WM8750L and the fields of them that are used, with the topics under which its
 * data sheet (Wolfson, Production Data, rev. 4) explains them. */
#ifndef TP_WM8750_REGISTERS_H
#define TP_WM8750_REGISTERS_H

/* Register map: 7 bits of address, 9 of data. */
enum wm8750_register {
	WM8750_LINVOL = 0x00, /* PGA Control */
	WM8750_RINVOL = 0x01,
	WM8750_LOUT1 = 0x02, /* LOUT1/ROUT1 Outputs */
	WM8750_ROUT1 = 0x03,
	WM8750_ADCDAC = 0x05, /* DAC Soft Mute and De-emphasis, ADC High Pass Filter */
	WM8750_IFACE = 0x07, /* Audio Interface Control */
	WM8750_SRATE = 0x08, /* Clocking and Sample Rates */
	WM8750_LDAC = 0x0a, /* Digital DAC Volume Control */
	WM8750_RESET = 0x0f, /* Resetting the Chip */
	WM8750_LADC = 0x15, /* Digital ADC Volume Control */
	WM8750_ADCTL1 = 0x17, /* Additional Control (1) */
	WM8750_ADCTL2 = 0x18, /* Additional Control (2) */
	WM8750_PWR1 = 0x19, /* Power Management */
	WM8750_PWR2 = 0x1a,
	WM8750_LADCIN = 0x20, /* Input Signal Path */
	WM8750_LMIX1 = 0x22, /* Output Mixers */
	WM8750_RMIX1 = 0x24,
	WM8750_LOUT2 = 0x28, /* LOUT2/ROUT2 Outputs */
	WM8750_ROUT2 = 0x29,
	WM8750_REGISTERS = 0x2b,
};

enum {
	/* LINVOL, LOUT1 and their like. A volume is taken over when one of a pair is written with
	 * the update bit: left and right at once. */
	WM8750_UPDATE = 1 << 8,
	WM8750_IN_MUTE = 1 << 7, /* LINVOL */
	WM8750_IN_ZERO_CROSS = 1 << 6,
	WM8750_OUT_ZERO_CROSS = 1 << 7, /* LOUT1 ... */

	/* ADCDAC */
	WM8750_DAC_MUTE = 1 << 3,

	/* IFACE */
	WM8750_MASTER = 1 << 6,
	WM8750_16_BITS = 0 << 2,
	WM8750_I2S = 2,

	/* SRATE: the clock mode, bits 5:1, and whether MCLK is that of USB. */
	WM8750_SR_SHIFT = 1,
	WM8750_USB = 1,

	/* ADCTL1 */
	WM8750_DATSEL = 3 << 2, /* which ADC is on which channel of I2S ... */
	WM8750_DATSEL_LEFT = 1 << 2, /* ... the left one on both */
	WM8750_ZERO_CROSS_TIMEOUT = 1,

	/* ADCTL2: the speaker hangs between LOUT2 and ROUT2. */
	WM8750_ROUT2_INVERT = 1 << 4,

	/* PWR1 */
	WM8750_VMID = 3 << 7,
	WM8750_VMID_50K = 1 << 7, /* to run */
	WM8750_VMID_5K = 3 << 7, /* to charge the capacitor quickly */
	WM8750_VREF = 1 << 6,
	WM8750_AINL = 1 << 5,
	WM8750_ADCL = 1 << 3,
	WM8750_MIC_BIAS = 1 << 1,

	/* PWR2 */
	WM8750_DACL = 1 << 8,
	WM8750_LOUT1_ON = 1 << 6,
	WM8750_ROUT1_ON = 1 << 5,
	WM8750_LOUT2_ON = 1 << 4,
	WM8750_ROUT2_ON = 1 << 3,
	WM8750_OUTPUTS = 0x7e, /* all of them, the mono and the third one too */

	/* LADCIN */
	WM8750_INPUT_SHIFT = 6, /* 0..2: LINPUT1..3, 3: differential */
	WM8750_INPUT = 3 << 6,
	WM8750_BOOST_SHIFT = 4, /* 0, 13, 20, 29 dB before the PGA */
	WM8750_BOOST = 3 << 4,

	/* LMIX1, RMIX1 */
	WM8750_LEFT_DAC_TO_MIX = 1 << 8,
};

#endif
