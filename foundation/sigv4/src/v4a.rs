//! Signature Version 4A: verifying with the P-256 key that is derived from a secret access key.
//!
//! Always holds: the private half lives only inside `derive`. Only verifying is here; signing for several regions is
//! what clients do.
//!
//! AWS: Create a signed AWS API request, "SigV4a"; the derivation is NIST SP 800-108's counter mode over HMAC-SHA-256.

use aws_lc_rs::{agreement, hmac, signature};

use crate::encode::hex_decode;
use crate::key::SecretKey;

/// The public key that verifies what an access key signs, on any day, in any region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey {
    point: Vec<u8>,
}

// The order of P-256, minus two.
const ORDER_MINUS_TWO: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x4f,
];

impl VerifyingKey {
    /// The key of an access key and its secret. `None` only if no counter gives a scalar in range, which for a real
    /// key has a chance of 2 to the -8000.
    pub fn derive(access_key: &str, secret: &SecretKey) -> Option<VerifyingKey> {
        let input = hmac::Key::new(hmac::HMAC_SHA256, format!("AWS4A{}", secret.expose()).as_bytes());
        (1..=254u8).find_map(|counter| {
            let mut data = vec![0, 0, 0, 1];
            data.extend_from_slice(b"AWS4-ECDSA-P256-SHA256\0");
            data.extend_from_slice(access_key.as_bytes());
            data.push(counter);
            data.extend_from_slice(&256u32.to_be_bytes());
            let candidate: [u8; 32] = hmac::sign(&input, &data).as_ref().try_into().ok()?;
            if candidate > ORDER_MINUS_TWO {
                return None;
            }
            let scalar = add_one(candidate);
            let private = agreement::PrivateKey::from_private_key(&agreement::ECDH_P256, &scalar).ok()?;
            let public = private.compute_public_key().ok()?;
            Some(VerifyingKey { point: public.as_ref().to_vec() })
        })
    }

    /// The uncompressed point: 4, x, y.
    pub fn point(&self) -> &[u8] {
        &self.point
    }

    /// Whether `signature_hex` (hex of DER, as received) is right for the string to sign.
    pub fn matches(&self, string_to_sign: &[u8], signature_hex: &str) -> bool {
        let Some(der) = hex_decode(signature_hex) else { return false };
        let key = signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, &self.point);
        key.verify(string_to_sign, &der).is_ok()
    }
}

fn add_one(mut number: [u8; 32]) -> [u8; 32] {
    for digit in number.iter_mut().rev() {
        let (sum, carries) = digit.overflowing_add(1);
        *digit = sum;
        if !carries {
            break;
        }
    }
    number
}
