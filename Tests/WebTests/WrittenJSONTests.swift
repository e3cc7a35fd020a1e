import Simulation
import Testing
import Web

/// A body is told from another by what it says: the same value has the same bytes however it was written, and they are not written again where
/// they came so.
@Suite struct WrittenJSONTests {
    @Test(arguments: [
        #"{"a":1,"b":[true,false,null],"c":"x"}"#, #"[]"#, #"{}"#, #""""#, #"0"#, #"-1"#, #"9223372036854775807"#, #"-9223372036854775808"#,
        #"1.5"#, #"1e3"#, #"99999999999999999999"#, #"{"müller":"Zoë 🧾"}"#, "\"\u{7f}\"",
    ]) func itCameSo(text: String) throws {
        let (value, written) = try JSONReader.readWritten(Array(text.utf8))
        #expect(written == Array(text.utf8) && written == value.bytes)
    }

    @Test(arguments: [
        (#" {"a":1}"#, #"{"a":1}"#), (#"{"a": 1}"#, #"{"a":1}"#), ("[1,2]\n", "[1,2]"), ("[ ]", "[]"), ("{\t}", "{}"), ("-0", "0"),
        ("12.0", "12"), ("-0.00", "0"), (#""\u0041\/""#, #""A/""#), (#""\n""#, #""\u000a""#), (#""\"\\""#, #""\"\\""#),
        (#"{"\u0061":1}"#, #"{"a":1}"#),
    ]) func itIsWrittenAgain(text: String, expected: String) throws {
        let (value, written) = try JSONReader.readWritten(Array(text.utf8))
        #expect(String(decoding: written, as: UTF8.self) == expected && written == value.bytes)
    }

    /// Members that stand as the fields do are not put in order, whatever is left out.
    @Test(arguments: [
        (#"{"a":1,"b":[{"c":"x","d":null}]}"#, true), (#"{"b":[]}"#, true), (#"{"b":[],"a":1}"#, false),
        (#"{"a":1,"b":[{"c":"x"},{"d":null,"c":"x"}]}"#, false),
    ]) func anotherOrderIsSeen(text: String, isExpected: Bool) throws {
        let part = Schema.object([.init("c", .text()), .init("d", .optional(.flag), required: false)])
        let schema = Schema.object([
            .init("a", .integer(0...9), required: false), .init("b", .array(part, max: 9)),
        ])
        let value = try JSONReader.read(Array(text.utf8))
        var isInOrder = true, isSorted = true
        let fault = schema.fault(value, isInOrder: &isInOrder), again = schema.fault(schema.ordered(value), isInOrder: &isSorted)
        #expect(fault == nil && again == nil && isSorted)
        #expect(isInOrder == isExpected && (schema.ordered(value) == value) == isExpected)
    }

    /// Whatever its shape: what is said to be written is what would be written.
    @Test(arguments: 0..<200) func whateverComes(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        func blank() -> String { random.pick(["", "", "", " ", "\n", "\t "]) }
        func text() -> String {
            let parts = ["a", "é", "\\n", "\\\"", "\\u00e9", "\\ud83e\\uddfe", "/", "\\/", "🧾", "\\\\", " "]
            return "\"" + (0..<random.within(0...4)).map { _ in random.pick(parts) }.joined() + "\""
        }
        func number() -> String {
            random.pick([
                "0", "-0", "1", "-1", "10.0", "1.50", "-7e2", "9223372036854775808", "-9223372036854775808", "0.0", "123456789",
            ])
        }
        func value(_ depth: Int) -> String {
            let inner: String
            switch random.within(0...(depth > 3 ? 3 : 5)) {
            case 0: inner = random.pick(["true", "false", "null"])
            case 1, 2: inner = number()
            case 3: inner = text()
            case 4: inner = "[" + (0..<random.within(0...3)).map { _ in value(depth + 1) }.joined(separator: ",") + "]"
            default:
                let members = (0..<random.within(0...3)).map { "\(blank())\"m\($0)\"\(blank()):\(value(depth + 1))" }
                inner = "{" + members.joined(separator: ",") + "}"
            }
            return blank() + inner + blank()
        }
        for _ in 0..<50 {
            let text = Array(value(0).utf8), (read, written) = try JSONReader.readWritten(text)
            #expect(written == read.bytes, "\(String(decoding: text, as: UTF8.self))")
            #expect(try JSONReader.read(written) == read)
        }
    }
}
