import CLibCurl
import Foundation

/// Posts to addresses that outsiders chose: resolves the name once, refuses every private or local address, and connects to
/// exactly what was looked at, so that the name cannot point elsewhere a moment later.
package struct Egress: Sendable {
    package struct Failure: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    private let allowed: Set<String>
    /// - Parameter allowed: Hosts that may be private nevertheless, as an operator lists them.
    package init(allowed: Set<String> = []) { self.allowed = Set(allowed.map { $0.lowercased() }) }

    /// Throws unless the other side answered 2xx.
    package func post(_ url: String, headers: [(name: String, value: String)], body: String) throws {
        guard let parts = URLComponents(string: url), let host = parts.host?.lowercased(), let scheme = parts.scheme,
            ["https", "http"].contains(scheme)
        else {
            throw Failure(description: "this is no address to post to")
        }
        let port = parts.port ?? (scheme == "https" ? 443 : 80)
        let address = try Self.resolve(host, allowsPrivate: allowed.contains(host))
        let pin = "\(host):\(port):\(address.contains(":") ? "[\(address)]" : address)"
        let lines = headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
        var status = 0, reason = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE)), body = body
        let code = body.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { florin_post(url, pin, lines, $0.baseAddress, $0.count, &status, &reason) }
        }
        guard code == 0 else {
            throw Failure(
                description: "\(host): \(String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))")
        }
        guard (200..<300).contains(status) else { throw Failure(description: "\(host) answered \(status)") }
    }

    /// The first address of the name, in digits.
    static func resolve(_ host: String, allowsPrivate: Bool) throws -> String {
        var hints = addrinfo(), found: UnsafeMutablePointer<addrinfo>?
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        guard getaddrinfo(host, nil, &hints, &found) == 0, let first = found else {
            throw Failure(description: "\(host) cannot be resolved")
        }
        defer { freeaddrinfo(first) }
        var addresses: [String] = [], entry: UnsafeMutablePointer<addrinfo>? = first
        while let at = entry {
            var digits = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(at.pointee.ai_addr, at.pointee.ai_addrlen, &digits, socklen_t(digits.count), nil, 0, NI_NUMERICHOST) == 0 {
                let address = String(decoding: digits.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                // One private address among public ones is refused as well: the next answer may be that one.
                guard allowsPrivate || Self.isPublic(address) else {
                    throw Failure(description: "\(host) leads to \(address), which is not public")
                }
                addresses.append(address)
            }
            entry = at.pointee.ai_next
        }
        guard let address = addresses.first else { throw Failure(description: "\(host) cannot be resolved") }
        return address
    }

    /// Whether an address in digits lies on the public internet.
    ///
    /// - Source: IANA's registries of special-purpose addresses, IPv4 and IPv6.
    static func isPublic(_ text: String) -> Bool {
        var four = in_addr(), six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return isPublic(four: withUnsafeBytes(of: four) { Array($0) }) }
        guard inet_pton(AF_INET6, text, &six) == 1 else { return false }
        let bytes = withUnsafeBytes(of: six) { Array($0) }
        // Mapped and translated addresses are as public as the IPv4 address in them.
        if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff { return isPublic(four: Array(bytes[12...])) }
        if bytes[..<12].elementsEqual([0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]) { return isPublic(four: Array(bytes[12...])) }
        if bytes[0] == 0x20, bytes[1] == 0x02 { return isPublic(four: Array(bytes[2..<6])) }
        let isDocumentation = bytes[0] == 0x20 && bytes[1] == 0x01 && (bytes[2] == 0x0d && bytes[3] == 0xb8 || bytes[2] < 2)
        return bytes[0] & 0xe0 == 0x20 && !isDocumentation
    }

    private static func isPublic(four bytes: [UInt8]) -> Bool {
        switch (bytes[0], bytes[1]) {
        case (0, _), (10, _), (127, _), (169, 254), (172, 16...31), (192, 168), (100, 64...127), (198, 18...19), (224..., _): false
        case (192, 0): bytes[2] != 0 && bytes[2] != 2
        case (198, 51): bytes[2] != 100
        case (203, 0): bytes[2] != 113
        default: true
        }
    }
}
