import Domain

/// A JSON value that keeps whole numbers exact and members in order.
package enum JSON: Equatable, Sendable {
    case null, bool(Bool), integer(Int64), text(String)
    /// A number with a point or an exponent, as written: never an amount.
    case number(String)
    case array([JSON]), object([Member])

    package struct Member: Equatable, Sendable {
        package let name: String
        package let value: JSON
        package init(_ name: String, _ value: JSON) { (self.name, self.value) = (name, value) }
    }

    package subscript(_ name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }
    package var text: String? { if case .text(let text) = self { text } else { nil } }
    package var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    package var array: [JSON]? { if case .array(let values) = self { values } else { nil } }

    package init(_ money: Money) {
        self = .object([Member("minor", .integer(money.minor)), Member("currency", .text(money.currency.code))])
    }
    package init(_ text: String?) { self = text.map(JSON.text) ?? .null }
    package init(_ day: Day?) { self = day.map { .text($0.iso8601) } ?? .null }

    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        write(into: &bytes)
        return bytes
    }

    private func write(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): bytes.append(contentsOf: String(value).utf8)
        case .number(let text): bytes.append(contentsOf: text.utf8)
        case .text(let text): Self.quote(text, into: &bytes)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (at, value) in values.enumerated() {
                if at > 0 { bytes.append(UInt8(ascii: ",")) }
                value.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (at, member) in members.enumerated() {
                if at > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.quote(member.name, into: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func quote(_ text: String, into bytes: inout [UInt8]) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { utf8 in
            var rest = utf8[...]
            while let special = rest.firstIndex(where: isSpecial) {
                bytes.append(contentsOf: rest[..<special])
                bytes.append(UInt8(ascii: "\\"))
                let byte = rest[special]
                if byte >= 0x20 {
                    bytes.append(byte)
                } else {
                    bytes.append(contentsOf: ("u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)).utf8)
                }
                rest = rest[(special + 1)...]
            }
            bytes.append(contentsOf: rest)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    package init(stringLiteral text: String) { self = .text(text) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral values: JSON...) { self = .array(values) }
    package init(dictionaryLiteral members: (String, JSON)...) { self = .object(members.map { Member($0.0, $0.1) }) }
}

/// What may not stand in a text as it is.
private func isSpecial(_ byte: UInt8) -> Bool { byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") }

/// Reads JSON by RFC 8259: 32 levels at most, no member twice, whole numbers within 64 bits, well-formed UTF-8 and surrogates.
package struct JSONReader {
    package struct Fault: Error, Equatable {
        /// 1-based.
        package let line: Int
        package let message: String
    }

    private static let depthLimit = 32
    /// Stands as long as `read` runs.
    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0
    /// Whether so far everything stands as `JSON.bytes` would write it.
    private var isAsWritten = true

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    package static func read(_ bytes: [UInt8]) throws(Fault) -> JSON {
        try bytes.withUnsafeBufferPointer { bytes throws(Fault) in try read(bytes).value }
    }

    /// - Returns: The value, and its `bytes` without writing them where it came so already.
    package static func readWritten(_ bytes: [UInt8]) throws(Fault) -> (value: JSON, written: [UInt8]) {
        let (value, isAsWritten) = try bytes.withUnsafeBufferPointer { bytes throws(Fault) in try read(bytes) }
        return (value, isAsWritten ? bytes : value.bytes)
    }

    private static func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(Fault) -> (value: JSON, isAsWritten: Bool) {
        guard bytes.reduce(0, |) < 0x80 || String(validating: bytes, as: UTF8.self) != nil else {
            throw Fault(line: 1, message: "is not UTF-8")
        }
        var reader = JSONReader(bytes)
        let value = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.at == bytes.count else { throw reader.fault("something follows the value") }
        return (value, reader.isAsWritten)
    }

    private func fault(_ message: String) -> Fault { Fault(line: 1 + bytes.prefix(at).count { $0 == 10 }, message: message) }
    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte == 32 || byte == 10 || byte == 13 || byte == 9 { (at, isAsWritten) = (at + 1, false) }
    }

    private mutating func value(depth: Int) throws(Fault) -> JSON {
        guard depth <= Self.depthLimit else { throw fault("more than \(Self.depthLimit) levels") }
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try object(depth)
        case UInt8(ascii: "["): return try array(depth)
        case UInt8(ascii: "\""): return .text(try text())
        case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
        default: break
        }
        for (word, value) in [("true", JSON.bool(true)), ("false", .bool(false)), ("null", .null)]
        where bytes[at...].starts(with: word.utf8) {
            at += word.utf8.count
            return value
        }
        throw fault(next == nil ? "ends where a value is wanted" : "no value begins here")
    }

    private mutating func object(_ depth: Int) throws(Fault) -> JSON {
        var members: [JSON.Member] = [], names: Set<String> = []
        /// A few names are compared one by one, which costs less than a set of them.
        func isNew(_ name: String) -> Bool {
            guard members.count >= 16 else { return !members.contains { $0.name == name } }
            if names.isEmpty { names = Set(members.map(\.name)) }
            return names.insert(name).inserted
        }
        at += 1
        skipBlanks()
        if next == UInt8(ascii: "}") { at += 1; return .object([]) }
        while true {
            skipBlanks()
            guard next == UInt8(ascii: "\"") else { throw fault("a member's name is wanted") }
            let name = try text()
            guard isNew(name) else { throw fault("member \(name) comes twice") }
            skipBlanks()
            guard next == UInt8(ascii: ":") else { throw fault("a colon is wanted") }
            at += 1
            members.append(JSON.Member(name, try value(depth: depth + 1)))
            skipBlanks()
            guard let byte = next, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") else {
                throw fault("a comma or a closing brace is wanted")
            }
            at += 1
            if byte == UInt8(ascii: "}") { return .object(members) }
        }
    }

    private mutating func array(_ depth: Int) throws(Fault) -> JSON {
        var values: [JSON] = []
        at += 1
        skipBlanks()
        if next == UInt8(ascii: "]") { at += 1; return .array([]) }
        while true {
            values.append(try value(depth: depth + 1))
            skipBlanks()
            guard let byte = next, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") else {
                throw fault("a comma or a closing bracket is wanted")
            }
            at += 1
            if byte == UInt8(ascii: "]") { return .array(values) }
        }
    }

    private mutating func number() throws(Fault) -> JSON {
        let start = at
        func isDigit(_ byte: UInt8?) -> Bool { byte.map { (48...57).contains($0) } ?? false }
        if next == UInt8(ascii: "-") { at += 1 }
        guard isDigit(next) else { throw fault("a digit is wanted") }
        var magnitude: UInt64 = 0, isTooLong = false
        if next == 48 {
            at += 1
        } else {
            while let byte = next, isDigit(byte) {
                let (tens, over) = magnitude.multipliedReportingOverflow(by: 10),
                    (sum, above) = tens.addingReportingOverflow(UInt64(byte - 48))
                (magnitude, isTooLong) = (sum, isTooLong || over || above)
                at += 1
            }
        }
        if isDigit(next) { throw fault("a number has no leading zero") }
        let digitsEnd = at
        // `12.0` is the whole number 12, as JSON Schema has it; it is read as digits, never as a binary fraction.
        var isWhole = true
        if next == UInt8(ascii: ".") {
            at += 1
            guard isDigit(next) else { throw fault("a digit is wanted") }
            while isDigit(next) {
                if next != 48 { isWhole = false }
                at += 1
            }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isWhole = false
            at += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { at += 1 }
            guard isDigit(next) else { throw fault("a digit is wanted") }
            while isDigit(next) { at += 1 }
        }
        if isWhole, at > digitsEnd || (magnitude == 0 && bytes[start] == UInt8(ascii: "-")) { isAsWritten = false }
        if isWhole, !isTooLong {
            if bytes[start] != UInt8(ascii: "-"), let value = Int64(exactly: magnitude) { return .integer(value) }
            if bytes[start] == UInt8(ascii: "-"), magnitude <= Int64.min.magnitude {
                return .integer(Int64(truncatingIfNeeded: 0 &- magnitude))
            }
        }
        return .number(String(decoding: bytes[start..<at], as: UTF8.self))
    }

    private mutating func text() throws(Fault) -> String {
        at += 1
        let start = at
        while let byte = next, !isSpecial(byte) { at += 1 }
        if next == UInt8(ascii: "\"") {
            at += 1
            return String(decoding: bytes[start..<at - 1], as: UTF8.self)
        }
        var text = Array(bytes[start..<at])
        isAsWritten = false
        while let byte = next {
            at += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escaped(into: &text)
            case 0..<0x20: throw fault("a control character stands in a text")
            default: text.append(byte)
            }
        }
        throw fault("a text does not end")
    }

    private mutating func escaped(into text: inout [UInt8]) throws(Fault) {
        guard let byte = next else { throw fault("a text does not end") }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"):
            var unit = try hexadecimalUnit()
            if (0xD800..<0xDC00).contains(unit) {
                guard bytes[at...].starts(with: [92, 117]) else { throw fault("half a surrogate pair") }
                at += 2
                let low = try hexadecimalUnit()
                guard (0xDC00..<0xE000).contains(low) else { throw fault("half a surrogate pair") }
                unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(unit) else { throw fault("half a surrogate pair") }
            text.append(contentsOf: Array(String(Character(scalar)).utf8))
        default: throw fault("no such escape")
        }
    }

    private mutating func hexadecimalUnit() throws(Fault) -> UInt32 {
        guard at + 4 <= bytes.count, bytes[at..<at + 4].allSatisfy({ (48...57).contains($0) || (65...70).contains($0 & 0xDF) }),
            let unit = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
        else { throw fault("four hexadecimal digits are wanted") }
        at += 4
        return unit
    }
}
