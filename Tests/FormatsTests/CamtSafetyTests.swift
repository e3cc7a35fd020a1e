import Domain
import Formats
import Testing

@Suite struct CamtSafetyTests {
    private static let good = document(balance("OPBD", "1"), entry(rest: details("<RmtInf><Ustrd>Zürich</Ustrd></RmtInf>")))

    private func refusal(_ bytes: some Sequence<UInt8>) throws -> FileFault? {
        try fault { _ = try withFile(bytes, statements(at:)) }
    }

    @Test(arguments: [
        "<!DOCTYPE Document>",
        "<!DOCTYPE Document SYSTEM \"http://127.0.0.1:9/x.dtd\">",
        "<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
        "<!DOCTYPE d [<!ENTITY % p SYSTEM \"file:///etc/passwd\"> %p;]>",
        "<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;\">]>",
        "<!-- harmless --><?pi ?>\n<!DOCTYPE Document>",
    ])
    func refusesDoctype(doctype: String) throws {
        let text = Self.good.replacing("?>\n<Document", with: "?>\n\(doctype)\n<Document")
        let units = text.replacing("UTF-8", with: "UTF-16").utf16
        let wide: [UInt8] = [0xFF, 0xFE] + units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] as [UInt8] }
        for bytes in [Array(text.utf8), wide] {
            let found = try refusal(bytes)
            #expect(found?.message == "has a document type declaration (DOCTYPE), which no bank statement has: refused")
            #expect(found?.line == (doctype.contains("\n") ? 3 : 2))
        }
    }

    @Test func refusesADoctypeWithinTheDocumentAndUnknownEntities() throws {
        #expect(try refusal(document("<!DOCTYPE x>", entry()).utf8)?.message.contains("is damaged or cut off") == true)
        let unknown = try refusal(document(entry(rest: "<AddtlNtryInf>&x;</AddtlNtryInf>")).utf8)
        #expect(unknown?.message.contains("'x' not defined") == true)
    }

    /// Two million empty elements are 8 MB of text, or a few kB gzipped, and would be gigabytes of nodes.
    @Test func refusesAnEntryOfTooManyTags() throws {
        let head = """
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
            <Ntry>
            """
        let refused = try refusal((head + String(repeating: "<A/>", count: 2_100_000)).utf8)
        #expect(refused?.line == 2 && refused?.message.hasPrefix("one element holds more than 2,000,000 tags") == true)
    }

    @Test func refusesAFileCutOffAnywhere() throws {
        let bytes = Array(Self.good.utf8)
        for count in 0..<bytes.count {
            let found = try refusal(bytes.prefix(count))
            #expect(found != nil, "cut off after \(count) of \(bytes.count) bytes")
        }
        #expect(try refusal(bytes) == nil)
        let found = try refusal(bytes.prefix(bytes.count - 60))
        #expect(found?.line == 6)
        #expect(found?.message.hasSuffix("fetch it again from the bank") == true)
    }

    /// Damaged files are refused or read, and never crash the reader.
    @Test(arguments: 0..<300) func survivesDamage(seed: UInt64) throws {
        var bytes = Array(Self.good.utf8), state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        for _ in 0..<3 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 25)
        }
        _ = try refusal(bytes)
    }

    @Test(arguments: [
        ("", 1, "holds no XML element"), ("\n\n:20:MT940\n", 3, "is not XML"),
        ("<html></html>", 1, "is a html: a bank statement"),
        ("<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.001.001.03'><a/></Document>", 1, "is pain.001.001.03: a bank"),
        ("<Document>\n<CstmrCdtTrfInitn/></Document>", 2, "is a CstmrCdtTrfInitn: a bank statement"),
    ])
    func refusesOtherFiles(text: String, line: Int, message: String) throws {
        let found = try refusal(text.utf8)
        #expect(found?.line == line)
        #expect(found?.message.hasPrefix(message) == true)
    }

    @Test(arguments: [
        (entry("1,00"), "amount 1,00 is not a number"), (entry("-1.00"), "amount -1.00 is not a number"),
        (entry("99999999999.00"), "amount 99999999999.00 EUR is above"), (entry("1", "CREDIT"), "Ntry/CdtDbtInd is CREDIT"),
        (entry().replacing("EUR", with: "EUX"), "currency EUX"),
        (entry(dates: "<BookgDt><Dt>2026-02-30</Dt></BookgDt>"), "booking date"),
        (entry().replacing("Amt", with: "Amount"), "Ntry has no Amt"),
    ])
    func refusesAnEntryItCannotBook(text: String, message: String) throws {
        let found = try refusal(document(entry(), text).utf8)
        #expect(found?.line == 6)
        #expect(found?.message.hasPrefix(message) == true)
    }

    @Test func refusesAStatementWithoutAccountOrDate() throws {
        let nameless = document(entry()).replacing("<IBAN>DE02 3006 0601 0002 4746 89</IBAN>", with: "")
        #expect(try refusal(nameless.utf8)?.message == "the statement names no account (Acct/Id) before its entries")
        #expect(
            try refusal(document(createdOn: nil, entry(dates: "")).utf8)?.message
                == "the entry has no booking date, no value date, and the statement neither period nor creation date")
    }

    @Test func readsLatin1AndGzipCutOff() throws {
        let text = Self.good.replacing("UTF-8", with: "ISO-8859-1").unicodeScalars.map { UInt8($0.value) }
        #expect(try withFile(text, statements(at:))[0].entries[0].transactions[0].remittance == "Zürich")
        #expect(try refusal(InputFileTests.gzipped.dropLast(9))?.message == "the gzip file is cut off: fetch it again")
    }
}
