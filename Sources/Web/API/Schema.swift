import Domain
import Operations

/// What a request's or an answer's JSON looks like: it checks requests and writes the OpenAPI document.
package indirect enum Schema: Sendable {
    case text(min: Int = 0, max: Int = 200)
    case choice([String])
    case day, currency, country, instant, iban, email
    /// A `WebAddress`.
    case url
    /// A number or name that goes into an address: letters, digits, `.`, `_`, `/` and `-`.
    case word(max: Int = 50)
    /// `{"minor":1234,"currency":"EUR"}` above zero.
    case amount
    /// Any object.
    case anything
    /// Where a page of a list ended: an id, `~` and what the list is sorted by there, as it stands, of several lines too.
    case place
    case integer(ClosedRange<Int64>)
    case flag
    /// `{"minor":1234,"currency":"EUR"}`
    case money
    /// Money, a whole number, or a decimal as text.
    case figure
    case array(Schema, min: Int = 0, max: Int)
    /// Several lines.
    case prose(max: Int)
    case object([Field])
    /// An object that has other members besides: digits and `_` behind one of the beginnings.
    case columns([Field], others: Schema, beginning: [String])
    /// Upper bounds of `AgingBuckets`, such as `0,30,60,90`.
    case buckets
    case optional(Schema)

    package struct Field: Sendable {
        package let name: String
        package let schema: Schema
        package let isRequired: Bool
        package init(_ name: String, _ schema: Schema, required: Bool = true) {
            (self.name, self.schema, isRequired) = (name, schema, required)
        }
    }

    /// What is wrong with a value and where; nil when nothing is.
    ///
    /// - Parameter path: Where the value stands; empty for a whole body.
    package func fault(_ value: JSON, at path: String = "") -> (path: String, message: String)? {
        var isInOrder = true
        return fault(value, at: path, isInOrder: &isInOrder)
    }

    /// - Parameter isInOrder: Becomes false where members stand in another order than the fields.
    package func fault(_ value: JSON, at path: String = "", isInOrder: inout Bool) -> (path: String, message: String)? {
        guard var flaw = flaw(of: value, &isInOrder) else { return nil }
        if !path.isEmpty { flaw.stands(in: path) }
        return (flaw.path.isEmpty ? "body" : flaw.path, flaw.message)
    }

    /// A value without fault with all members in the order of the fields.
    package func ordered(_ value: JSON) -> JSON {
        switch (self, value) {
        case (.optional(let schema), _): return schema.ordered(value)
        case (.array(let schema, _, _), .array(let values)): return .array(values.map { schema.ordered($0) })
        case (.money, .object), (.amount, .object), (.figure, .object): return Self.moneyParts.ordered(value)
        case (.object(let fields), .object(let members)):
            let sorted = fields.compactMap { field in
                members.first { $0.name == field.name }.map { JSON.Member(field.name, field.schema.ordered($0.value)) }
            }
            return .object(sorted)
        default: return value
        }
    }

    /// A fault and its place within the value that was looked at; the place is put together from the inside, since most values have none.
    private struct Flaw {
        /// Empty for the value itself.
        private(set) var path = ""
        let message: String
        init(_ message: String) { self.message = message }

        mutating func stands(in place: String) {
            path = path.isEmpty || path.hasPrefix("[") ? place + path : "\(place).\(path)"
        }
    }

    private func flaw(of value: JSON, _ isInOrder: inout Bool) -> Flaw? {
        switch self {
        case .optional(let schema):
            if case .null = value { return nil }
            return schema.flaw(of: value, &isInOrder)
        case .object(let fields):
            guard case .object(let members) = value else { return Flaw("write \(kind)") }
            return Self.flaw(of: members, fields, &isInOrder)
        case .columns(let fields, let others, let beginning):
            guard case .object(let members) = value else { return Flaw("write \(kind)") }
            let isOther = { (member: JSON.Member) in beginning.contains { member.name.hasPrefix($0) } }
            for member in members where isOther(member) {
                guard var flaw = others.flaw(of: member.value, &isInOrder) else { continue }
                flaw.stands(in: member.name)
                return flaw
            }
            return Self.flaw(of: members.filter { !isOther($0) }, fields, &isInOrder)
        case .array(let schema, let min, let max):
            guard case .array(let values) = value else { return Flaw("write \(kind)") }
            if values.count > max || values.count < min { return Flaw("write \(min) to \(max) at a time") }
            for at in values.indices {
                guard var flaw = schema.flaw(of: values[at], &isInOrder) else { continue }
                flaw.stands(in: "[\(at)]")
                return flaw
            }
            return nil
        case .money: return Self.moneyParts.flaw(ofObject: value, orElse: kind, &isInOrder)
        case .amount: return Self.amountParts.flaw(ofObject: value, orElse: kind, &isInOrder)
        case .anything:
            if case .object = value { return nil }
            return Flaw("write \(kind)")
        case .figure:
            switch value {
            case .integer: return nil
            case .text(let text): return DecimalNumber(text) == nil ? Flaw("write a decimal such as 15.23") : nil
            default: return Self.moneyParts.flaw(ofObject: value, orElse: kind, &isInOrder)
            }
        case .integer(let range):
            guard case .integer(let number) = value else { return Flaw("write \(kind)") }
            return range.contains(number) ? nil : Flaw("write a whole number from \(range.lowerBound) to \(range.upperBound)")
        case .flag:
            if case .bool = value { return nil }
            return Flaw("write \(kind)")
        default:
            guard case .text(let text) = value else { return Flaw("write \(kind)") }
            return wrong(in: text).map { Flaw($0) }
        }
    }

    private func flaw(ofObject value: JSON, orElse kind: String, _ isInOrder: inout Bool) -> Flaw? {
        guard case .object = value else { return Flaw("write \(kind)") }
        return flaw(of: value, &isInOrder)
    }

    /// What is wrong with a text; nil when nothing is.
    private func wrong(in text: String) -> String? {
        switch self {
        case .text(let min, let max):
            let count = text.utf8.count { $0 & 0xC0 != 0x80 }
            if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return "holds a control character" }
            return count < min || count > max ? "write \(min) to \(max) characters" : nil
        case .choice(let words): return words.contains(text) ? nil : "write one of \(words.joined(separator: ", "))"
        case .day:
            return Day(text).map { Self.years.contains($0.parts.year) } == true
                ? nil : "write a day as 2026-01-31, from \(Self.years.lowerBound) to \(Self.years.upperBound)"
        case .instant:
            return Instant(text).map { Self.years.contains($0.day.parts.year) } == true
                ? nil : "write an instant as 2026-01-31T12:00:00Z, from \(Self.years.lowerBound) to \(Self.years.upperBound)"
        case .place: return isPlace(text) ? nil : "write `next` of the page before"
        case .word(let max):
            let isWord =
                text.utf8.first.map(isLetterOrDigit) == true && text.utf8.allSatisfy { isLetterOrDigit($0) || "._/-".utf8.contains($0) }
            return isWord && text.utf8.count <= max ? nil : "write 1 to \(max) letters, digits or . _ / -, a letter or a digit first"
        case .iban:
            let bytes = Array(text.utf8),
                isShaped = bytes.enumerated().allSatisfy { at, byte in
                    at < 2
                        ? (65...90).contains(byte)
                        : at < 4 ? (48...57).contains(byte) : (65...90).contains(byte) || (48...57).contains(byte)
                }
            return isShaped && (15...34).contains(bytes.count) ? nil : "write an IBAN without blanks"
        case .url: return WebAddress.fault(in: text)
        case .email: return isMailAddress(text) ? nil : "write a mail address such as accounts@example.com"
        case .currency: return Currency(text) == nil ? "write an ISO 4217 code such as EUR" : nil
        case .country: return Country.fault(in: text)
        case .prose(let max): return text.unicodeScalars.count > max ? "write at most \(max) characters" : nil
        case .buckets:
            let bounds = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            let areNumbers = bounds.allSatisfy { (1...4).contains($0.count) && $0.allSatisfy { (48...57).contains($0) } }
            return areNumbers && bounds.count <= AgingBuckets.boundLimit && text.utf8.first == 48 && bounds[0].count == 1
                && bounds.dropFirst().allSatisfy { $0.first != 48 }
                ? nil : "write at most \(AgingBuckets.boundLimit) ascending days overdue that start with 0, such as 0,30,60,90"
        case .integer, .flag, .money, .amount, .figure, .anything, .array, .object, .columns, .optional: return "write \(kind)"
        }
    }

    private static func flaw(of members: [JSON.Member], _ fields: [Field], _ isInOrder: inout Bool) -> Flaw? {
        var known = 0, next = 0, flaw: Flaw?
        for field in fields {
            // Members mostly stand in the order of the fields.
            let isNext = next < members.count && members[next].name == field.name
            guard let at = isNext ? next : members.firstIndex(where: { $0.name == field.name }) else {
                if field.isRequired, flaw == nil {
                    flaw = Flaw("is missing")
                    flaw?.stands(in: field.name)
                }
                continue
            }
            if at != next { isInOrder = false }
            (known, next) = (known + 1, at + 1)
            if flaw == nil, var found = field.schema.flaw(of: members[at].value, &isInOrder) {
                found.stands(in: field.name)
                flaw = found
            }
        }
        // A name is known once: those that are left are strangers, and told first.
        guard known < members.count, let stranger = members.first(where: { member in !fields.contains { $0.name == member.name } }) else {
            return flaw
        }
        var unknown = Flaw("is not known here; known: \(fields.map(\.name).joined(separator: ", "))")
        unknown.stands(in: stranger.name)
        return unknown
    }

    /// The number of a customer or a document that is there, as a file may have brought it.
    static let number = Schema.text(min: 1, max: 80)
    /// What a customer is called that is there.
    static let name = Schema.prose(max: 1_000)
    /// An id, `~` and 1,000 characters: written with `%` that fits into an address, whatever they are.
    static let placeLimit = 16 + 1 + 1_000
    static let moneyParts = Schema.object([
        Field("minor", .integer(-Money.bound...Money.bound)), Field("currency", .currency),
    ])
    /// Money from zero to the largest amount that may be entered.
    static let limit = Schema.object([Field("minor", .integer(0...Money.entryBound)), Field("currency", .currency)])
    static let amountParts = Schema.object([Field("minor", .integer(1...Money.entryBound)), Field("currency", .currency)])
    /// Days beyond them are typing errors.
    static let years = 1990...2099
    /// The days of `years` that exist, and no other text.
    private static let dayPattern =
        "((199[0-9]|20[0-9]{2})-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
        + "|(199[26]|20([02468][048]|[13579][26]))-02-29)"

    private var kind: String {
        switch self {
        case .text, .choice, .day, .currency, .country, .instant, .place, .word, .iban, .email, .url, .prose, .buckets: "a text in quotes"
        case .integer: "a whole number"
        case .figure: "an amount, a whole number or a decimal in quotes"
        case .flag: "true or false"
        case .money, .amount: "an amount as {\"minor\":1234,\"currency\":\"EUR\"}"
        case .array: "a list"
        case .object, .columns, .anything: "an object"
        case .optional(let schema): schema.kind
        }
    }

    /// JSON Schema of draft 2020-12, as OpenAPI 3.1 takes it.
    package var json: JSON {
        switch self {
        case .text(let min, let max):
            [
                "type": "string", "minLength": .integer(Int64(min)), "maxLength": .integer(Int64(max)),
                "pattern": "^[^\\u0000-\\u001f\\u007f]*$",
            ]
        case .choice(let words): ["type": "string", "enum": .array(words.map(JSON.text))]
        case .day: ["type": "string", "description": "YYYY-MM-DD", "pattern": .text("^\(Self.dayPattern)$")]
        case .instant:
            [
                "type": "string",
                "description": "YYYY-MM-DDThh:mm:ssZ, UTC, with up to six digits behind the seconds; a day alone is its end",
                "pattern": .text("^\(Self.dayPattern)(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?Z)?$"),
            ]
        case .word(let max): ["type": "string", "pattern": .text("^[A-Za-z0-9][A-Za-z0-9._/-]{0,\(max - 1)}$")]
        case .iban: ["type": "string", "pattern": "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"]
        case .email: ["type": "string", "pattern": "^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63}){1,3}$"]
        case .url: ["type": "string", "maxLength": .integer(Int64(WebAddress.limit)), "pattern": .text(WebAddress.pattern)]
        case .prose(let max): ["type": "string", "maxLength": .integer(Int64(max))]
        case .buckets: ["type": "string", "pattern": .text("^0(,[1-9][0-9]{0,3}){0,\(AgingBuckets.boundLimit - 1)}$")]
        case .columns(let fields, let others, let beginning):
            [
                "type": "object", "properties": .object(fields.map { .init($0.name, $0.schema.json) }),
                "required": .array(fields.filter(\.isRequired).map { .text($0.name) }),
                "patternProperties": .object([.init("^(\(beginning.joined(separator: "|")))[0-9_]+$", others.json)]),
                "additionalProperties": false,
            ]
        case .amount: Schema.amountParts.json
        case .anything: ["type": "object"]
        case .place: ["type": "string", "maxLength": .integer(Int64(Self.placeLimit)), "pattern": "^[0-9]{1,16}~[^\\u0000\\u0001]*$"]
        case .currency: ["type": "string", "enum": .array(Currency.codes.map(JSON.text))]
        case .country: ["type": "string", "enum": .array(Country.codes.map(JSON.text))]
        case .integer(let range): ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
        case .flag: ["type": "boolean"]
        case .money: Schema.moneyParts.json
        case .figure:
            [
                "description": "Money, a count, or a decimal with a point: days with 1, 2 or 4 digits behind it, per cent with 2",
                "anyOf": .array([
                    Schema.moneyParts.json, ["type": "integer"], ["type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,4})?$"],
                ]),
            ]
        case .array(let schema, let min, let max):
            ["type": "array", "items": schema.json, "minItems": .integer(Int64(min)), "maxItems": .integer(Int64(max))]
        case .object(let fields):
            [
                "type": "object", "properties": .object(fields.map { .init($0.name, $0.schema.json) }),
                "required": .array(fields.filter(\.isRequired).map { .text($0.name) }), "additionalProperties": false,
            ]
        case .optional(let schema): ["anyOf": .array([schema.json, ["type": "null"]])]
        }
    }
}

func isLetterOrDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) }

/// What was a zero byte in an address is one (`percentDecoded`).
private func isPlace(_ text: String) -> Bool {
    guard let end = text.utf8.firstIndex(of: UInt8(ascii: "~")), (1...16).contains(text.utf8[..<end].count) else { return false }
    return text.utf8[..<end].allSatisfy { (48...57).contains($0) } && text.unicodeScalars.count <= Schema.placeLimit
        && text.utf8.allSatisfy { $0 > 1 }
}

private func isMailAddress(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    guard parts.count == 2, (1...64).contains(parts[0].count) else { return false }
    let host = parts[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts[0].allSatisfy { isLetterOrDigit($0) || "._+-".utf8.contains($0) } && (2...4).contains(host.count)
        && host.allSatisfy { (1...63).contains($0.count) && $0.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") } }
}
