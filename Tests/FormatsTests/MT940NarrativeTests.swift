import Domain
import Formats
import Testing

/// How banks end their messages, wrap their lines and label what a payer says.
@Suite struct MT940NarrativeTests {
    private func read(_ fields: String, end: String = "-") throws -> [ReadStatement] {
        try bankStatements(of: ":20:S\n:25:DE02300606010002474689\n:28C:1/1\n:60F:C260101EUR0,\n\(fields)\n:62F:C260105EUR100,\n\(end)\n")
    }

    private func transaction(_ narrative: String, line: String = "2601050105C100,00NTRFNONREF") throws -> BankEntry.Transaction {
        try #require(try read(":61:\(line)\n:86:\(narrative)").first?.entries.first?.transactions.first)
    }

    @Test(arguments: ["-", "- ", " -", "--", "-XXX", "-}", " -}", "-}{5:{CHK:1}}", "trailing words", "- \n\n", ""])
    func endsAMessageAtItsTrailer(end: String) throws {
        let entry = ":61:2601050105C100,00NTRFNONREF\n:86:RECHNUNG 17"
        let read = try read(entry, end: end)
        #expect(read.map(\.closing?.minor) == [100_00])
        #expect(read.flatMap(\.entries).first?.transactions.first?.remittance == "RECHNUNG 17")
        #expect(read.flatMap(\.findings) == [])
        let interim = try self.read(":61:2601050105C100,00NTRFNONREF\n:86:RECHNUNG 17\n\(end == "trailing words" ? "-" : end)\n")
        #expect(interim.flatMap(\.entries).first?.transactions.first?.remittance == "RECHNUNG 17")
    }

    @Test func keepsALineOfANarrativeThatStartsWithADash() throws {
        #expect(try transaction("RECHNUNG 17\n-4711 ABZUG").remittance == "RECHNUNG 17 -4711 ABZUG")
    }

    private static let dutch = [
        "SEPA OVERBOEKING                 IBAN: NL91ABNA0417164300        \nBIC: ABNANL2A                    NAAM: JANSEN BV                 \n"
            + "OMSCHRIJVING: FACTUUR 20260001 EN 20260002                       \nKENMERK: E-7541",
        "SEPA OVERBOEKING                 IBAN: NL91ABNA0417164300\nBIC: ABNANL2A                    NAAM: JANSEN BV\n"
            + "OMSCHRIJVING: FACTUUR 20260001 EN 20260002\nKENMERK: E-7541",
    ]

    @Test(arguments: dutch) func readsTheLabelsOfADutchTransfer(narrative: String) throws {
        let told = try transaction(narrative)
        #expect((told.counterpartyName, told.counterpartyIBAN) == ("JANSEN BV", "NL91ABNA0417164300"))
        #expect(told.endToEndID == "E-7541")
        #expect(told.remittance == "SEPA OVERBOEKING FACTUUR 20260001 EN 20260002")
    }

    @Test func readsTheLabelsOfADutchDirectDebit() throws {
        let told = try transaction(
            "SEPA INCASSO ALGEMEEN DOORLOPEND INCASSANT: NL13ZZZ123456780000\nNAAM: JANSEN BV                 MACHTIGING: M-001\n"
                + "OMSCHRIJVING: TERMIJN JANUARI\nIBAN: NL91ABNA0417164300         KENMERK: NOTPROVIDED")
        #expect((told.counterpartyName, told.counterpartyIBAN) == ("JANSEN BV", "NL91ABNA0417164300"))
        #expect((told.mandateID, told.creditorID, told.endToEndID) == ("M-001", "NL13ZZZ123456780000", nil))
        #expect(told.remittance.hasSuffix("TERMIJN JANUARI"))
        let giro = try transaction(
            "SEPA ACCEPTGIROBETALING           IBAN: NL91ABNA0417164300\nNAAM: JANSEN BV\nBETALINGSKENM.: 9001200000000024")
        #expect(giro.structuredReference == "9001200000000024")
    }

    /// A bank that fills its line starts the next one with a label all the same.
    @Test func readsALabelAtTheStartOfALine() throws {
        let full = "12160475 0050001631430920 ORDERID: 264267 MEYER WERKZEUGE ONLI"
        #expect(full.count >= 61)
        let told = try transaction("\(full)\nREK: NL91ABNA0417164300/NAAM: JANSEN BV")
        #expect((told.counterpartyName, told.counterpartyIBAN) == ("JANSEN BV", "NL91ABNA0417164300"))
        #expect(told.remittance == full)
    }

    @Test(
        arguments: [
            ("260105C100,00NOV NONREF", "NOV", nil), ("260105C100,00NGT EREF", "NGT", nil),
            ("260105C100,00NGT 8850426741301240", "NGT", "8850426741301240"), ("260105C100,00NID NONREF//B1", "NID", nil),
            ("260105C100,00NTRF4711", "NTRF", "4711"), ("260105C100,00 NMSC 4711", "NMSC", "4711"),
        ] as [(String, String, String?)])
    func readsATypePaddedWithABlank(line: String, code: String, reference: String?) throws {
        let told = try transaction("FACTUUR 17", line: line)
        #expect((told.code, told.endToEndID) == (code, reference))
    }

    @Test func endsNoNameWhereAFullLineEnds() throws {
        let told = try transaction("NL91ABNA0417164300 ABNANL2A J JANSEN NOTPROVIDED betaling van factu\nur 20260017")
        #expect((told.counterpartyName, told.counterpartyIBAN) == (nil, "NL91ABNA0417164300"))
        #expect(told.remittance == "J JANSEN NOTPROVIDED betaling van factuur 20260017")
        let short = try transaction("NL91ABNA0417164300 ABNANL2A J JANSEN\nfactuur 20260017")
        #expect((short.counterpartyName, short.remittance) == ("J JANSEN", "factuur 20260017"))
        #expect(try transaction("NL91ABNA0417164300 VODAFONE\nfactuur 17").counterpartyName == "VODAFONE")
        let scored = try transaction("NL91ABNA0417164300 ABNANL2A J JANSEN betaling van 2e kwartaal 20\nSCOR/CUR/8850426741301240")
        #expect(scored.remittance.hasSuffix("kwartaal 20 SCOR/CUR/8850426741301240"))
    }

    @Test func endsTheNameAtSubFieldsBehindIt() throws {
        let told = try transaction(
            "166?00GUTSCHR?20SVWZ+RECHNUNG 17?32MEYER WERKZEUGE?33GMBH + CO. KG?35MEYER VERTRIEB GMBH\n:65F:Dnullnull7414,3")
        #expect(told.counterpartyName == "MEYER WERKZEUGE GMBH + CO. KG")
        #expect(told.remittance == "RECHNUNG 17")
    }

    @Test func readsAKeyThatContinuesBehindAMarkOnTheNextLine() throws {
        let told = try transaction(
            "166?00UEBERWEISUNG?10931?20EREF+ZV01002841909493000000\n?2102 ?22SVWZ+RECHNUNG 17 ?23KUNDE 4711 VOM 5.1.2026 IN KOELN\n?32MEYER GMBH"
        )
        #expect((told.endToEndID, told.remittance) == ("ZV0100284190949300000002", "RECHNUNG 17 KUNDE 4711 VOM 5.1.2026 IN KOELN"))
    }

    @Test(arguments: [
        ("INV 2026-77 ALPHA LTD", "INCOMING CREDIT", "INCOMING CREDIT INV 2026-77 ALPHA LTD"),
        ("RECHNUNG 17", "166?00GUTSCHR?20SVWZ+RECHNUNG 17?32MEYER GMBH", "RECHNUNG 17"),
        ("MEYER GMBH", "166?20RE 17?32MEYER GMBH", "RE 17"),
        ("/OCMT/USD100,00/CHGS/EUR1,50", "RECHNUNG 17", "RECHNUNG 17"),
        ("/TRCD/00100/", "/EREF/E1//REMI/USTD//FACTUUR 17/", "FACTUUR 17"),
    ])
    func keepsTheDetailsBelowAnEntryLine(details: String, narrative: String, remittance: String) throws {
        #expect(try transaction(narrative, line: "2601050105C100,00NTRFNONREF//B1\n\(details)").remittance == remittance)
    }

    @Test func keepsFreeTextBesideCodeWords() throws {
        let told = try transaction("/ORDP/ALPHA LLC\n/BENM/BETA LLC\nINVOICE 55 OF 01.12.2025\nVAT 20 INCLUDED")
        #expect((told.counterpartyName, told.remittance) == ("ALPHA LLC", "INVOICE 55 OF 01.12.2025 VAT 20 INCLUDED"))
        let cut = try transaction(
            "/CNTP/NL91ABNA0417164300/ABNANL2A/JANSEN BV/3000AA ROTTERDAM\nNederland//EREF/NOTPROVIDED//RE\nMI/USTD//FACTUUR 17/")
        #expect((cut.counterpartyName, cut.endToEndID, cut.remittance) == ("JANSEN BV", nil, "FACTUUR 17"))
    }

    @Test func readsDetailsSenderAndBeneficiaryOfAnAmericanBank() throws {
        let told = try transaction("/PT/FT/PY/INVOICE 123 AND 456 /BN/OUR COMPANY/OB3/DEUTDEFF/BO/ALPHA CORP\n/BO1/123 STREET")
        #expect((told.counterpartyName, told.remittance) == ("ALPHA CORP", "INVOICE 123 AND 456"))
    }

    /// A direct debit or a transfer of ours that the bank gives back is no receipt.
    @Test(arguments: [("181", "C", true), ("184", "C", true), ("160", "C", true), ("193", "D", true), ("166", "C", false)])
    func marksWhatComesBackByItsCode(code: String, sign: String, isReturn: Bool) throws {
        let told = try transaction("\(code)?00SEPA?20EREF+X1?21SVWZ+STROM ABSCHLAG?32STADTWERKE", line: "2601050105\(sign)10,00NDDTNONREF")
        #expect((told.returnReason != nil) == isReturn)
        #expect(try transaction("181^20STROM ABSCHLAG").returnReason == nil)
    }

    /// Blanks where the day of entry belongs, no type before the reference, a dash before the next field.
    @Test func readsEntryLinesAsSomeBanksWriteThem() throws {
        #expect(try transaction("RECHNUNG 17", line: "260105    CD10,00NMSCNONREF//").amount?.minor == 10_00)
        let bare = try transaction("RECHNUNG 17", line: "2601050105C11,25NONREF")
        #expect((bare.endToEndID, bare.code) == (nil, nil))
        let two = "1?20Eins?32Anna A\n-:61:2601050105C5,00NTRFNONREF\n:86:166?20Zwei?32Berta B"
        let read = try read(":61:2601050105C1,00NTRFNONREF\n:86:16\(two)", end: "-")
        #expect(read.flatMap(\.entries).flatMap(\.transactions).map(\.counterpartyName) == ["Anna A", "Berta B"])
    }

    @Test(
        arguments: [
            ("166?20SVWZ+Rechnung 1?22ABWA+Tochter GmbH?32Holding AG", "Holding AG", "Rechnung 1 Tochter GmbH"),
            ("0510<00p. przychodzacy<20INV/2024/00001<32ACME Sp. z o.o.", "ACME Sp. z o.o.", "INV/2024/00001"),
            ("166^20Przelew srodkow^32ACME^51PLN00001,00^52EUR1", "ACME", "Przelew srodkow"),
            ("/PT/DE/BO/04982601/BO1/ACME GMBH/PY/INVOICE 4711", "ACME GMBH", "INVOICE 4711"),
            ("166?20SVWZ+Rechnung 1?32NOTPROVIDED", nil, "Rechnung 1"),
            ("4711+4712", nil, "4711+4712"), ("166+20RECHNUNG 4711+4712", nil, "RECHNUNG 4711+4712"),
            ("najem od: 1.1.2026", nil, "najem od: 1.1.2026"),
            (
                "911 PRZELEW; z rach.: 56114010810000267002001001; od: Jan Nowak  ul. Nijaka 1; tyt.: Faktura 7", "Jan Nowak",
                "911 PRZELEW Faktura 7"
            ),
        ] as [(String, String?, String)])
    func tellsWhoPaysInTheWaysOfBanks(narrative: String, name: String?, remittance: String) throws {
        let told = try transaction(narrative)
        #expect((told.counterpartyName, told.remittance) == (name, remittance))
    }

    /// What was sent, or goes back, is told where the bank says it and the difference is its charge.
    @Test(
        arguments: [
            ("C97,00", "/OCMT/EUR100,00//CHGS/EUR3,00/", "RECHNUNG 17", -3_00),
            ("C97,00", "/OCMT/EUR100,00//CHGS/EUR2,00/", "RECHNUNG 17", nil),
            ("C97,00", "/OCMT/USD100,00//CHGS/EUR3,00/", "RECHNUNG 17", nil),
            ("C97,00", "", "166?00GUTSCHR?20OAMT+100,00?21SVWZ+RECHNUNG 17", nil),
            ("D103,00", "", "109?00RUECKLASTSCHRIFT?20EREF+E1?21OAMT+100,00?22SVWZ+MS03", -3_00),
            ("RC103,00", "/OCMT/EUR100,00/CHGS/EUR3,00", "109?00RUECKLASTSCHRIFT?20EREF+E1", -3_00),
            ("D103,00", "", "/OCMT/EUR100,00/CHGS/EUR3,00/RTRN/MS03/REMI/RETOUR/", -3_00),
            ("D103,00", "", "105?00LASTSCHRIFT?20EREF+E1?21OAMT+100,00?22SVWZ+STROM", nil),
        ] as [(String, String, String, Int64?)])
    func tellsTheChargeOfAnEntry(amount: String, below: String, narrative: String, charges: Int64?) throws {
        let line = "2601050105\(amount)NTRFNONREF//B1" + (below.isEmpty ? "" : "\n\(below)")
        #expect(try transaction(narrative, line: line).charges?.minor == charges)
    }

    @Test func countsOnOverThePagesOfAStatement() throws {
        func page(_ number: String, _ opening: Int, _ day: Int = 4) -> String {
            ":20:A\n:25:1/2\n:28C:\(number)\n:60F:C26010\(day)EUR\(opening),\n:61:2601050105C5,NTRF\n:86:PARKEN\n:62F:C260105EUR\(opening + 5),\n-\n"
        }
        let pages = try bankStatements(
            of: page("1/1", 100) + page("1/2", 105, 5) + page("1/2", 105, 5) + page("2/1", 110) + page("3/2", 115))
        #expect(pages.map(\.header.isContinuation) == [false, true, false, false, false])
    }
}
