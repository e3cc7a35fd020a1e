import Domain
import Foundation
import Operations

/// Whom a request comes from, as limits tell senders apart.
struct Sender: Equatable, Sendable {
    /// Hexadecimal: an IPv4 address, or the 64 bits of an IPv6 network, all of which one sender may have.
    let address: String
    /// Many may stand behind it: it is this machine or in a private network, and says nothing of whom it asks for, as a proxy should.
    let isShared: Bool

    /// - Parameters:
    ///   - peer: The other end of the connection, in digits; nil is this machine.
    ///   - forwarded: `X-Forwarded-For`, whose last address the proxy wrote. Only one on this machine or in a private network is believed.
    init(peer: String?, forwarded: String?) {
        let peer = peer.flatMap(Self.bytes) ?? [127, 0, 0, 1]
        let said = forwarded?.split(separator: ",").last.flatMap { Self.bytes($0.filter { $0 != " " }) }
        let isInner = Self.isInner(peer), bytes = isInner ? said ?? peer : peer
        address = hexadecimal(bytes.prefix(bytes.count == 4 ? 4 : 8))
        isShared = isInner && said == nil
    }

    /// Somebody who is signed in, wherever they are.
    init(person: Int64, of entity: ID<Entity>) { (address, isShared) = ("\(entity.value) \(person)", false) }

    private static func isInner(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 4 else {
            let isLoopback = bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
            return isLoopback || bytes[0] & 0xfe == 0xfc || (bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80)
        }
        return switch (bytes[0], bytes[1]) {
        case (127, _), (10, _), (172, 16...31), (192, 168): true
        default: false
        }
    }

    /// Four or sixteen; an IPv4 address written as IPv6 is the same sender.
    private static func bytes(_ text: String) -> [UInt8]? {
        var four = in_addr(), six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: six) { Array($0) }
        return bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff ? Array(bytes[12...]) : bytes
    }
}
