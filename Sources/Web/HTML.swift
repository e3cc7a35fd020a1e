import Domain

/// Markup whose texts are escaped by default: `\(text)` is escaped and shown, only another `HTML` goes in as it is. The twin of `SQL`.
///
/// - Shape: UTF-8, appended to and never parsed; attribute values stand in double quotes.
package struct HTML: ExpressibleByStringInterpolation, Sendable, Equatable {
    package private(set) var bytes: [UInt8]

    package init() { bytes = [] }
    package init(stringLiteral text: String) { bytes = Array(text.utf8) }
    package init(stringInterpolation built: StringInterpolation) { bytes = built.bytes }
    private init(bytes: [UInt8]) { self.bytes = bytes }

    package static func + (left: HTML, right: HTML) -> HTML { HTML(bytes: left.bytes + right.bytes) }
    package static func += (left: inout HTML, right: HTML) { left.bytes += right.bytes }

    package var text: String { String(decoding: bytes, as: UTF8.self) }
    package var isEmpty: Bool { bytes.isEmpty }

    package struct StringInterpolation: StringInterpolationProtocol {
        var bytes: [UInt8] = []

        package init(literalCapacity: Int, interpolationCount: Int) { bytes.reserveCapacity(literalCapacity + interpolationCount * 16) }
        package mutating func appendLiteral(_ literal: String) { bytes.append(contentsOf: literal.utf8) }
        package mutating func appendInterpolation(_ html: HTML) { bytes += html.bytes }
        /// Nothing for nil.
        package mutating func appendInterpolation(_ html: HTML?) { if let html { bytes += html.bytes } }
        package mutating func appendInterpolation(_ parts: some Sequence<HTML>) { for part in parts { bytes += part.bytes } }
        package mutating func appendInterpolation(_ number: Int) { bytes.append(contentsOf: String(number).utf8) }
        package mutating func appendInterpolation(_ number: Int64) { bytes.append(contentsOf: String(number).utf8) }
        package mutating func appendInterpolation(_ text: String) { escape(text.shown, into: &bytes) }
        /// What a form sends back: to the letter.
        package mutating func appendInterpolation(sent text: String) { escape(text, into: &bytes) }
    }
}

private func escape(_ text: String, into bytes: inout [UInt8]) {
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "&"): bytes.append(contentsOf: "&amp;".utf8)
        case UInt8(ascii: "<"): bytes.append(contentsOf: "&lt;".utf8)
        case UInt8(ascii: ">"): bytes.append(contentsOf: "&gt;".utf8)
        case UInt8(ascii: "\""): bytes.append(contentsOf: "&quot;".utf8)
        case UInt8(ascii: "'"): bytes.append(contentsOf: "&#39;".utf8)
        default: bytes.append(byte)
        }
    }
}
