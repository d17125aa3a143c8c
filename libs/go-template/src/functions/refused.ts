const READS_ENVIRONMENT = "it reads the program's environment, where secrets are";
const ASKS_NETWORK = 'it asks the network, which a message must not wait for';
const MAKES_KEYS = 'it makes keys or certificates, which have no place in a message';
const HASHES_PASSWORDS = 'it is for passwords, which have no place in a message, and slow on purpose';
const ENCRYPTS = 'it encrypts with a key that would stand in the template';

/** sprig's functions that templates can't use, and why: a template that names one is refused at the start. */
export const REFUSED_FUNCTIONS: Readonly<Record<string, string>> = {
  env: READS_ENVIRONMENT,
  expandenv: READS_ENVIRONMENT,
  getHostByName: ASKS_NETWORK,
  bcrypt: HASHES_PASSWORDS,
  htpasswd: HASHES_PASSWORDS,
  derivePassword: HASHES_PASSWORDS,
  genPrivateKey: MAKES_KEYS,
  buildCustomCert: MAKES_KEYS,
  genCA: MAKES_KEYS,
  genCAWithKey: MAKES_KEYS,
  genSelfSignedCert: MAKES_KEYS,
  genSelfSignedCertWithKey: MAKES_KEYS,
  genSignedCert: MAKES_KEYS,
  genSignedCertWithKey: MAKES_KEYS,
  encryptAES: ENCRYPTS,
  decryptAES: ENCRYPTS,
};
