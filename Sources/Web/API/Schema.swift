import Domain
import Operations

/// What a request's or an answer's JSON looks like: it checks requests and writes the OpenAPI document.
package indirect enum Schema: Sendable {
    case text(min: Int = 0, max: Int = 200)
    case choice([String])
    case day, currency, country, instant
    /// Where a page of a list ended.
    case place
    case integer(ClosedRange<Int64>)
    case flag
    /// `{"minor":1234,"currency":"EUR"}`
    case money
    case array(Schema, max: Int)
    case object([Field])
    case optional(Schema)

    package struct Field: Sendable {
        package let name: String
        package let schema: Schema
        package let isRequired: Bool
        package init(_ name: String, _ schema: Schema, required: Bool = true) { (self.name, self.schema, isRequired) = (name, schema, required) }
    }

    /// What is wrong with a value and where; nil when nothing is.
    package func fault(_ value: JSON, at path: String = "") -> (path: String, message: String)? {
        func wrong(_ message: String) -> (path: String, message: String) { (path.isEmpty ? "body" : path, message) }
        switch (self, value) {
        case (.optional, .null): return nil
        case (.optional(let schema), _): return schema.fault(value, at: path)
        case (.text(let min, let max), .text(let text)):
            let count = text.unicodeScalars.count
            if text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) { return wrong("holds a control character") }
            return count < min || count > max ? wrong("write \(min) to \(max) characters") : nil
        case (.choice(let words), .text(let text)): return words.contains(text) ? nil : wrong("write one of \(words.joined(separator: ", "))")
        case (.day, .text(let text)): return Day(text) == nil ? wrong("write a day as 2026-01-31") : nil
        case (.instant, .text(let text)): return Instant(text) == nil ? wrong("write an instant as 2026-01-31T12:00:00Z") : nil
        case (.place, .text(let text)): return ListPlace(text) == nil ? wrong("write `next` of the page before") : nil
        case (.currency, .text(let text)): return Currency(text) == nil ? wrong("write an ISO 4217 code such as EUR") : nil
        case (.country, .text(let text)): return text.utf8.count == 2 && text.utf8.allSatisfy({ (65...90).contains($0) }) ? nil : wrong("write two capitals such as GB")
        case (.integer(let range), .integer(let number)): return range.contains(number) ? nil : wrong("write a whole number from \(range.lowerBound) to \(range.upperBound)")
        case (.flag, .bool): return nil
        case (.money, .object): return Schema.moneyParts.fault(value, at: path)
        case (.array(let schema, let max), .array(let values)):
            if values.count > max { return wrong("at most \(max) at a time") }
            for (at, value) in values.enumerated() { if let fault = schema.fault(value, at: "\(path)[\(at)]") { return fault } }
            return nil
        case (.object(let fields), .object(let members)):
            if let stranger = members.first(where: { member in !fields.contains { $0.name == member.name } }) {
                return (path.isEmpty ? stranger.name : "\(path).\(stranger.name)", "is not known here; known: \(fields.map(\.name).joined(separator: ", "))")
            }
            for field in fields {
                let place = path.isEmpty ? field.name : "\(path).\(field.name)"
                guard let value = value[field.name] else {
                    if field.isRequired { return (place, "is missing") }
                    continue
                }
                if let fault = field.schema.fault(value, at: place) { return fault }
            }
            return nil
        default: return wrong("write \(kind)")
        }
    }

    static let moneyParts = Schema.object([
        Field("minor", .integer(-Money.entryBound...Money.entryBound)), Field("currency", .currency),
    ])

    private var kind: String {
        switch self {
        case .text, .choice, .day, .currency, .country, .instant, .place: "a text in quotes"
        case .integer: "a whole number"
        case .flag: "true or false"
        case .money: "an amount as {\"minor\":1234,\"currency\":\"EUR\"}"
        case .array: "a list"
        case .object: "an object"
        case .optional(let schema): schema.kind
        }
    }

    /// JSON Schema of draft 2020-12, as OpenAPI 3.1 takes it.
    package var json: JSON {
        switch self {
        case .text(let min, let max): ["type": "string", "minLength": .integer(Int64(min)), "maxLength": .integer(Int64(max)), "pattern": "^[^\\u0000-\\u001f\\u007f]*$"]
        case .choice(let words): ["type": "string", "enum": .array(words.map(JSON.text))]
        case .day: ["type": "string", "format": "date"]
        case .instant: ["type": "string", "format": "date-time"]
        case .place: ["type": "string", "pattern": "^[0-9]{1,18}~[^\\u0000-\\u001f\\u007f]{0,200}$"]
        case .currency: ["type": "string", "enum": .array(Currency.codes.map(JSON.text))]
        case .country: ["type": "string", "pattern": "^[A-Z]{2}$"]
        case .integer(let range): ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
        case .flag: ["type": "boolean"]
        case .money: Schema.moneyParts.json
        case .array(let schema, let max): ["type": "array", "items": schema.json, "maxItems": .integer(Int64(max))]
        case .object(let fields):
            [
                "type": "object", "properties": .object(fields.map { .init($0.name, $0.schema.json) }),
                "required": .array(fields.filter(\.isRequired).map { .text($0.name) }), "additionalProperties": false,
            ]
        case .optional(let schema): ["anyOf": .array([schema.json, ["type": "null"]])]
        }
    }
}
