import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { restoreLines } from '../../../lib/sftp/private-key';

const PASSPHRASE = 'over the moon';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

describe('an encrypted key without any line end', () => {
  it.each(['aes-256-cbc', 'aes-128-cbc', 'des-ede3-cbc'])(
    'is as it was, whatever its first characters are: %s',
    (cipher) => {
      // The first characters are random; every third key begins with some that could still belong to the header.
      for (let round = 0; round < 20; round++) {
        const pem = privateKey.export({ type: 'pkcs1', format: 'pem', cipher, passphrase: PASSPHRASE }).toString();
        const restored = restoreLines(pem.replaceAll('\n', ''));
        expect(restored).toBe(pem);
        const read = createPrivateKey({ key: restored, format: 'pem', passphrase: PASSPHRASE });
        expect(read.equals(privateKey)).toBe(true);
      }
    },
  );
});
