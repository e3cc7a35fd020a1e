import Crypto
import CryptoExtras
import Domain

/// Secrets that only their holder knows: the books keep what proves them, never them.
package enum Secret {
    /// 256 random bits, hexadecimal, behind a prefix that tells what it opens.
    package static func token(_ prefix: String) -> String {
        prefix + hexadecimal(SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) })
    }

    /// The same of one legal entity, which stands in it: `key_2_…`.
    package static func token(_ prefix: String, of entity: ID<Entity>) -> String { token("\(prefix)\(entity.value)_") }

    /// The legal entity that a token says it is of; nil for any other text. Whether it is one, the books of that entity know.
    package static func entity(of token: String) -> ID<Entity>? {
        let mark = UInt8(ascii: "_"), utf8 = token.utf8
        guard let first = utf8.firstIndex(of: mark), let last = utf8.lastIndex(of: mark), first < last,
            let value = Int64(token[token.index(after: first)..<last]), value > 0, value < 1 << 53
        else { return nil }
        return ID(value)
    }

    package static func digest(_ token: String) -> String { hexadecimal(hash(token)) }

    /// What `digest` writes.
    package static func hash(_ token: String) -> SHA256.Digest {
        var token = token
        return token.withUTF8 {
            var hash = SHA256()
            hash.update(bufferPointer: UnsafeRawBufferPointer($0))
            return hash.finalize()
        }
    }

    /// scrypt (RFC 7914) with N 2^15, r 8, p 1: about 32 MB and a tenth of a second a try.
    ///
    /// - Returns: `scrypt$rounds$salt$key`, hexadecimal.
    package static func hash(password: String) throws -> String {
        let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }
        return "scrypt$\(rounds)$\(hexadecimal(salt))$\(hexadecimal(try derived(password, salt, rounds)))"
    }

    package static func isRight(password: String, for hash: String) throws -> Bool {
        let parts = hash.split(separator: "$").map(String.init)
        guard parts.count == 4, parts[0] == "scrypt", let rounds = Int(parts[1]), let salt = bytes(parts[2]), let key = bytes(parts[3])
        else { return false }
        let found = try derived(password, salt, rounds)
        // Every byte is compared, so that time tells nothing.
        return found.count == key.count && zip(found, key).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// The time-based one-time password of RFC 6238: SHA-1, six digits, 30 seconds.
    ///
    /// - Parameter secret: Raw bytes.
    package static func code(_ secret: [UInt8], atSecond second: Int64) -> String {
        var counter = UInt64(second / 30).bigEndian
        let mac = withUnsafeBytes(of: &counter) {
            Array(HMAC<Insecure.SHA1>.authenticationCode(for: Array($0), using: SymmetricKey(data: secret)))
        }
        let offset = Int(mac[19] & 15)
        let value = (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(mac[offset + $1]) } & 0x7fff_ffff
        let digits = String(value % 1_000_000)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// The 30-second step whose code this is, one step of drift either way, none that was used before; nil for any other code.
    package static func step(of code: String, _ secret: [UInt8], at now: Instant, after used: Int64) -> Int64? {
        let current = now.microseconds / 30_000_000
        return (current - 1...current + 1).first { $0 > used && isSame(self.code(secret, atSecond: $0 * 30), code) }
    }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && zip(left.utf8, right.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static let rounds = 1 << 15
    private static func derived(_ password: String, _ salt: [UInt8], _ rounds: Int) throws -> [UInt8] {
        try KDF.Scrypt.deriveKey(
            from: Array(password.utf8), salt: salt, outputByteCount: 32, rounds: rounds, blockSize: 8, parallelism: 1, maxMemory: 64 << 20
        ).withUnsafeBytes { Array($0) }
    }

    package static func bytes(_ hex: String) -> [UInt8]? {
        let digits = hex.utf8.map { $0 < 58 ? Int($0) - 48 : Int($0) - 87 }
        guard digits.count % 2 == 0, digits.allSatisfy({ (0..<16).contains($0) }) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
