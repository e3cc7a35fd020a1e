import Domain
import Formats
import Testing

/// What banks write into `:61:` and `:86:`, dialect by dialect.
@Suite struct MT940DialectTests {
    private func entries(_ fields: String, opening: String = "C260101EUR0,") throws -> [BankEntry] {
        try bankStatements(of: ":20:S\n:25:DE02300606010002474689\n:28C:1/1\n:60F:\(opening)\n\(fields)\n").flatMap(\.entries)
    }

    private func transaction(_ narrative: String, line: String = "2601050105C100,00NTRFNONREF") throws -> BankEntry.Transaction {
        try #require(try entries(":61:\(line)\n:86:\(narrative)").first?.transactions.first)
    }

    @Test(arguments: [
        ("2601050105C100,00NTRFNONREF", 10000, false, "2026-01-05"),
        ("2601050105D100,NTRFNONREF", -10000, false, "2026-01-05"),
        ("2601050105RC100,5NTRFNONREF", -10050, true, "2026-01-05"),
        ("2601050105RD0,01NTRFNONREF", 1, true, "2026-01-05"),
        ("2601050105CR12,34N051NONREF//B1", 1234, false, "2026-01-05"),
        ("260105DR12,34NMSC", -1234, false, "2026-01-05"),
        ("260105RCR7,NMSC", -700, true, "2026-01-05"),
        ("2512310102C1,00NTRFNONREF", 100, false, "2026-01-02"),
        ("2601021231C1,00NTRFNONREF", 100, false, "2025-12-31"),
        ("2602300301DR6,00N024NONREF", -600, false, "2026-03-01"),
        ("990105C1,00NTRF", 100, false, "1999-01-05"),
        ("2601050105C000000000025,00N102EREF", 2500, false, "2026-01-05"),
        ("2601050105C1.234,56NTRF", 123456, false, "2026-01-05"),
    ])
    func readsEntryLines(line: String, minor: Int64, isReversal: Bool, bookedOn: String) throws {
        let entry = try #require(try entries(":61:\(line)").first)
        #expect(entry.amount == Money(minor: minor, .eur))
        #expect(entry.isReversal == isReversal)
        #expect(entry.bookedOn.iso8601 == bookedOn)
        #expect(entry.status == .booked)
    }

    @Test(arguments: [
        ("26010X0105C100,00NTRF", "does not start with a date YYMMDD"), ("2601050105X100,00NTRF", "has neither C nor D"),
        ("2601050105CNTRF", "has no amount"), ("2601050105C99999999999999999999,00NTRF", "is not a number"),
        ("2601050105C10000000001,00NTRF", "above the largest"),
    ])
    func refusesABrokenEntryLine(line: String, message: String) throws {
        let found = try fault { _ = try entries(":61:\(line)") }
        #expect(found?.line == 5)
        #expect(found?.message.contains(message) == true, "\(String(describing: found))")
    }

    @Test func readsGermanSubFieldsWithSEPAKeys() throws {
        let told = try transaction(
            """
            166?00GUTSCHR. UEBERWEISUNG?109310?20EREF+E2E-4711-2026-01?21SVWZ+R\u{0}
            """.replacing("R\u{0}", with: "RECHNUNG 2026-00017 UND 2")
                + "?22026-00018 KD 4711?30COBADEFFXXX?31DE89370400440532013000?32MUSTERMANN GMBH?33& CO KG")
        #expect(told.endToEndID == "E2E-4711-2026-01")
        #expect(told.remittance == "RECHNUNG 2026-00017 UND 2026-00018 KD 4711")
        #expect(told.counterpartyIBAN == "DE89370400440532013000")
        #expect(told.counterpartyName == "MUSTERMANN GMBH & CO KG")
        #expect(told.code == "166")
    }

    @Test func readsAGermanReturnedDirectDebit() throws {
        let told = try transaction(
            "109?00RUECKLASTSCHRIFT?20EREF+E2E109?21MREF+MANDATE0109?22CRED+DE98ZZZ09999999999?23SVWZ+AC04 KONTO GESCHLOSSEN?32MAX MUSTERMANN?34902",
            line: "2601050105D38,50NRTINONREF")
        #expect(told.returnReason == "AC04")
        #expect(told.mandateID == "MANDATE0109")
        #expect(told.creditorID == "DE98ZZZ09999999999")
        #expect(told.endToEndID == "E2E109")
        #expect(told.amount == Money(minor: -3850, .eur))
    }

    @Test(arguments: [
        "/TRTP/SEPA OVERBOEKING/IBAN/NL91ABNA0417164300/BIC/ABNANL2A/NAME/JANSEN BV/REMI/FACTUUR 20260001/EREF/E2E-1",
        "/EREF/E2E-1//CNTP/NL91ABNA0417164300/ABNANL2A/JANSEN BV///REMI/USTD//FACTUUR 20260001/",
        "/EREF/E2E-1/BENM//NAME/JANSEN BV/IBAN/NL91ABNA0417164300/REMI/FACTUUR 20260001/ISDT/2026-01-05",
    ])
    func readsDutchCodeWords(narrative: String) throws {
        let told = try transaction(narrative)
        #expect(told.counterpartyName == "JANSEN BV")
        #expect(told.counterpartyIBAN == "NL91ABNA0417164300")
        #expect(told.remittance == "FACTUUR 20260001")
        #expect(told.endToEndID == "E2E-1")
    }

    @Test func readsAStructuredReferenceAndAReturnInCodeWords() throws {
        #expect(
            try transaction("/CNTP/NL91ABNA0417164300/ABNANL2A/JANSEN BV///REMI/STRD/CUR/9001200000000024/").structuredReference
                == "9001200000000024")
        let returned = try transaction(
            "/RTRN/MS03/EREF/E2E-9/MARF/M-1/CSID/NL13ZZZ123456780000/NAME/PIET", line: "2601050105D10,00NRTINONREF")
        #expect(returned.returnReason == "MS03")
        #expect(returned.mandateID == "M-1")
        #expect(returned.creditorID == "NL13ZZZ123456780000")
    }

    @Test(arguments: ["~", "<", ">", "^"])
    func readsSubFieldsBehindOtherMarks(mark: String) throws {
        let told = try transaction(
            "020?00PRZELEW?20FAKTURA 12/2026?3010600076?31PL27114020040000300201355387?32HUTA SZKLA?33TOPIC".replacing("?", with: mark))
        #expect(told.remittance == "FAKTURA 12/2026")
        #expect(told.counterpartyName == "HUTA SZKLA TOPIC")
        #expect(told.counterpartyIBAN == "PL27114020040000300201355387")
    }

    @Test func readsLabelsOfPolishAndSwissBanks() throws {
        let polish = try transaction(
            "911 PRZELEW; Z RACH.: 56114010810000267002001001; OD: JAN NOWAK  UL. NIJAKA 1; TYT.: FAKTURA 7; TNR: 179.01")
        #expect(polish.counterpartyName == "JAN NOWAK")
        #expect(polish.counterpartyIBAN == "PL56114010810000267002001001")
        #expect(polish.remittance.contains("FAKTURA 7"))
        let swiss = try transaction("GIRO AUS ONLINE-SIC 80532 AUFTRAGGEBER: JANE DOE MITTEILUNGEN: RECHNUNG 4711")
        #expect(swiss.counterpartyName == "JANE DOE")
        #expect(swiss.remittance.contains("RECHNUNG 4711"))
    }

    @Test func keepsPlainWordsWhole() throws {
        let told = try transaction("Faktura 100234 kunde 77\nbetaling")
        #expect(told.remittance == "Faktura 100234 kunde 77 betaling")
        let dutch = try transaction("NL47INGB9999999999 hr gjlm paulissen\n\nBetaling 4711")
        #expect(dutch.counterpartyIBAN == "NL47INGB9999999999")
        #expect(dutch.counterpartyName == "hr gjlm paulissen")
        #expect(dutch.remittance == "Betaling 4711")
    }

    @Test func rejoinsWordsThatTheLineLengthCut() throws {
        let first = "SVWZ+" + String(repeating: "X", count: 50) + "RECH12", second = "34567 ENDE"  // with its tag 65 wide
        #expect(try transaction("\(first)\n\(second)").remittance.hasSuffix("RECH1234567 ENDE"))
    }

    @Test func readsMessagesInEnvelopesWithCRLFAndWindowsCharacters() throws {
        let text =
            "{1:F01BANKDEFFXXXX0000000000}{2:O9400800260105BANKDEFFXXXX}{4:\r\n:20:A\r\n:25:123/456\r\n:28C:7/1\r\n:60F:C260104EUR10,\r\n"
            + ":61:2601050105C5,NTRFNONREF\r\n:86:Müller\r\n:62F:C260105EUR15,\r\n-}{5:}{1:F01X}{2:O940}{4:\r\n:20:B\r\n:25:123/456\r\n:28C:8/1\r\n"
            + ":60F:C260105EUR15,\r\n:62F:C260105EUR15,\r\n-}"
        let latin = text.unicodeScalars.map { UInt8($0.value) }
        let read = try withFile(latin) { try bankStatements(at: $0) }
        #expect(read.map(\.header.id) == ["A 7/1", "B 8/1"])
        #expect(read.flatMap(\.findings) == [])
        #expect(read[0].entries[0].transactions[0].remittance == "Müller")
    }

    @Test func findsBalancesThatDoNotAddUp() throws {
        let read = try bankStatements(of: ":20:A\n:25:1/2\n:28C:1\n:60F:C260104EUR10,\n:61:2601050105C5,NTRF\n:62F:C260105EUR16,\n-")
        #expect(
            read[0].findings.map(\.message) == [
                "balances do not add up: opening 10.00 + entries 5.00 = 15.00, closing 16.00 EUR, difference 1.00"
            ])
        #expect(read[0].findings[0].line == 6)
    }

    @Test func leavesEntriesOfAnInterimReportUnbooked() throws {
        let read = try bankStatements(
            of: ":20:A\n:25:1/2\n:28C:1\n:34F:EUR0,\n:13D:2601051200+0100\n:61:2601050105C5,NTRF\n:86:X\n:90C:1EUR5,\n-")
        #expect(read[0].header.format == "MT942")
        #expect(read[0].entries.map(\.status) == [.pending])
    }

    @Test func tellsTheLaterPageOfAStatement() throws {
        let read = try bankStatements(
            of:
                ":20:A\n:25:1/2\n:28C:1/1\n:60F:C260104EUR0,\n:61:260105C5,NTRF\n:62M:C260105EUR5,\n-\n:20:A\n:25:1/2\n:28C:1/2\n:60M:C260105EUR5,\n"
                + ":61:260105C5,NTRF\n:62F:C260105EUR10,\n-")
        #expect(read.map(\.header.isContinuation) == [false, true])
        #expect(read.flatMap(\.findings) == [])
    }

    @Test(arguments: [
        (":20:A\n:25:1\n:61:260105C1,NTRF\n", "names no currency"), (":20:A\n:60F:C260104EUR0,\n:61:260105C1,NTRF\n", "names no account"),
        (":61:260105C1,NTRF\n:20:A\n", "before any statement"),
    ])
    func refusesAStatementWithoutItsHead(text: String, message: String) throws {
        #expect(try fault { _ = try bankStatements(of: text) }?.message.contains(message) == true)
    }
}
