/** A password to hand over: no characters that are mistaken for one another when read aloud or typed. */

const ALPHABET = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const LENGTH = 16
export const SHORTEST_PASSWORD = 10

export function generatePassword(): string {
  const usable = 256 - (256 % ALPHABET.length) // beyond it some characters would be likelier than others
  let password = ''
  while (password.length < LENGTH) {
    for (const byte of crypto.getRandomValues(new Uint8Array(LENGTH))) {
      if (byte < usable && password.length < LENGTH) password += ALPHABET[byte % ALPHABET.length]
    }
  }
  return password
}
