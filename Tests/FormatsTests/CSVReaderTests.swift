import Formats
import Testing

@Suite struct CSVReaderTests {
    private func records(_ bytes: [UInt8]) throws -> [CSVRecord] {
        var records: [CSVRecord] = []
        try withFile(bytes) { try readCSV($0) { records.append($0) } }
        return records
    }

    @Test(
        arguments: [
            ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
            ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
            ("a,b\r1,2\r", [["a", "b"], ["1", "2"]]),
            ("a;b\n1,5;2\n", [["a", "b"], ["1,5", "2"]]),
            ("a\tb\n1;5\t2\n", [["a", "b"], ["1;5", "2"]]),
            ("\"a,x,y\";b\n1;2\n", [["a,x,y", "b"], ["1", "2"]]),
            ("\u{FEFF}a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
            ("a,b\n,\n", [["a", "b"], ["", ""]]),
            ("a,b\n1,", [["a", "b"], ["1", ""]]),
            ("a,b\n\"1\",\"\"", [["a", "b"], ["1", ""]]),
            ("a,b\n\n1,2\n\n\n", [["a", "b"], ["1", "2"]]),
            ("a,b\n\"1 \"\"x\"\"\",\"2\n3\"\n", [["a", "b"], ["1 \"x\"", "2\n3"]]),
            ("sep=;\r\na;b,c\r\n1,5;2\r\n", [["a", "b,c"], ["1,5", "2"]]),
            ("\u{FEFF}SEP=,\na,b\n1;5,2;6;7\n", [["a", "b"], ["1;5", "2;6;7"]]),
            ("sep=;x\n1\n", [["sep=", "x"], ["1"]]),
            ("a,b\n5\" pipe,2\n", [["a", "b"], ["5\" pipe", "2"]]),
            ("a,b\nZürich,£\n", [["a", "b"], ["Zürich", "£"]]),
            ("a\n", [["a"]]),
            ("", []),
            ("\n\n", []),
        ] as [(String, [[String]])])
    func splits(text: String, fields: [[String]]) throws {
        #expect(try records(Array(text.utf8)).map(\.fields) == fields)
    }

    @Test func countsLinesToTheStartOfEachRecord() throws {
        #expect(try records(Array("a,b\r\n\"1\r\n2\",3\r\n\r\n4,5\r\n".utf8)).map(\.line) == [1, 2, 5])
        #expect(try records(Array("a,b\n\n\n\"1\n\n2\",3\n4,5\n".utf8)).map(\.line) == [1, 4, 7])
        #expect(try records(Array("sep=,\r\na,b\r\n1,2\r\n".utf8)).map(\.line) == [2, 3])
    }

    @Test func takesWhatIsNotUTF8AsLatin1() throws {
        let bytes = Array("a,b\nGr".utf8) + [0xFC] + Array("n,\u{20AC}\n".utf8)
        #expect(try records(bytes).last?.fields == ["Grün", "€"])
    }

    /// Fields, quotes and line ends fall on every place of the buffer's edge.
    @Test(arguments: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) func readsAcrossItsBuffer(shift: Int) throws {
        let row = "\"x\"\"y\",äb,\"1\r\n2\"\r\n", count = 40_000
        let text = String(repeating: "h", count: shift) + "a,b,c\r\n" + String(repeating: row, count: count)
        let found = try records(Array(text.utf8)).dropFirst()
        #expect(found.count == count)
        #expect(found.allSatisfy { $0.fields == ["x\"y", "äb", "1\r\n2"] })
        #expect(found.last?.line == 2 * count)
    }

    @Test func takesAFieldLargerThanItsBuffer() throws {
        let long = String(repeating: "x", count: 1_000_000)
        let found = try records(Array("a,b\n\(long),2\n\"\(long)\",3\n".utf8))
        #expect(found.dropFirst().map(\.fields) == [[long, "2"], [long, "3"]])
    }

    @Test(arguments: [
        ("a,b\n1,2\n3,\"4\n5,6\n", 3, "a quote opens here and never closes"),
        ("a,b\n1,2\n\"3\" x,4\n", 3, "text behind a closing quote: quotes within a field are doubled"),
    ])
    func refusesBrokenQuotes(text: String, line: Int, message: String) throws {
        let found = try fault { _ = try records(Array(text.utf8)) }
        #expect(found?.line == line)
        #expect(found?.message == message)
    }

    @Test func boundsAFieldAndReadsUTF16() throws {
        let endless = Array("a,b\n1,\"".utf8) + [UInt8](repeating: 120, count: 5_000_000)
        #expect(try fault { _ = try records(endless) }?.message == "a field above 4 MiB: a quote may be missing near here")
        #expect(try records([0xFF, 0xFE, 97, 0]).map(\.fields) == [["a"]])
    }

    @Test func readsGzip() throws {
        #expect(try records(InputFileTests.gzipped).count == 9)
        #expect(try fault { _ = try records(InputFileTests.gzipped.dropLast(6)) } != nil)
    }

    @Test func headerFindsColumnsByName() throws {
        let header = CSVHeader(CSVRecord(line: 1, fields: [" Order_ID ", "SKU"]), path: "o.csv")
        #expect(try header.indices(of: ["sku", "order_id"]) == [1, 0])
        #expect(
            try fault { _ = try header.indices(of: ["sku", "price", "day"]) }?.description
                == "o.csv, line 1: missing columns price, day; found: Order_ID, SKU")
    }

    @Test(arguments: ["a,b\n1,\u{0}2\n", "a,b\n1,2\u{0}", "\u{0}"]) func aZeroByteIsNoText(text: String) throws {
        let refused = try withFile(text) { path in try fault { try readCSV(path) { _ in } } }
        #expect(refused?.message == "holds a zero byte: it is damaged or no text")
    }
}
