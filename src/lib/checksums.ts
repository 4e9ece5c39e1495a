/** Cyclic checksums that Node lacks, as their polynomials have it; all reflected, from and with all ones. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** Castagnoli. */
const CRC32C_POLYNOMIAL = 0x82f63b78;
/** NVM Express: the reflected polynomial 0x9a6c9329ac4bc9b5, in halves. */
const CRC64NVME = { high: 0x9a6c9329, low: 0xac4bc9b5 };

export type ChecksumName = "CRC32" | "CRC32C" | "CRC64NVME" | "SHA1" | "SHA256";

export const CHECKSUM_NAMES: readonly ChecksumName[] = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"];

/** Of bytes that come piece by piece. */
export interface RunningChecksum {
  update(data: Uint8Array): void;
  /** In network order. */
  digest(): Buffer;
}

export function startChecksum(name: ChecksumName): RunningChecksum {
  switch (name) {
    case "CRC32":
      return runningCrc32();
    case "CRC32C":
      return runningCrc32c();
    case "CRC64NVME":
      return runningCrc64nvme();
    case "SHA1":
    case "SHA256":
      return createHash(name.toLowerCase());
  }
}

/** The digest in network order. */
export function checksumOf(name: ChecksumName, data: Uint8Array): Buffer {
  const running = startChecksum(name);
  running.update(data);
  return running.digest();
}

function runningCrc32(): RunningChecksum {
  let value = 0;
  return {
    update(data) {
      value = crc32(data, value);
    },
    digest: () => word(value),
  };
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

const crc32cTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++)
    value = (value & 1) === 1 ? (value >>> 1) ^ CRC32C_POLYNOMIAL : value >>> 1;
  return value >>> 0;
});

function runningCrc32c(): RunningChecksum {
  let value = 0xffffffff;
  return {
    update(data) {
      for (const byte of data) value = (value >>> 8) ^ (crc32cTable[(value ^ byte) & 0xff] ?? 0);
    },
    digest: () => word(value ^ 0xffffffff),
  };
}

const crc64Tables = (() => {
  const [highs, lows] = [new Uint32Array(256), new Uint32Array(256)];
  for (let byte = 0; byte < 256; byte++) {
    let [high, low] = [0, byte];
    for (let bit = 0; bit < 8; bit++) {
      const carry = (low & 1) === 1;
      low = (low >>> 1) | ((high & 1) << 31);
      high >>>= 1;
      if (carry) {
        high ^= CRC64NVME.high;
        low ^= CRC64NVME.low;
      }
    }
    highs[byte] = high >>> 0;
    lows[byte] = low >>> 0;
  }
  return { highs, lows };
})();

/** In halves: numbers are fast, big integers are not. */
function runningCrc64nvme(): RunningChecksum {
  const { highs, lows } = crc64Tables;
  let [high, low] = [0xffffffff, 0xffffffff];
  return {
    update(data) {
      for (const byte of data) {
        const index = (low ^ byte) & 0xff;
        low = ((low >>> 8) | ((high & 0xff) << 24)) ^ (lows[index] ?? 0);
        high = (high >>> 8) ^ (highs[index] ?? 0);
      }
    },
    digest: () => Buffer.concat([word(high ^ 0xffffffff), word(low ^ 0xffffffff)]),
  };
}
