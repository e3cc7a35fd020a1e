import Domain
import Formats
import Testing

/// Habits of single banks in BAI2, OFX and the text of any format.
@Suite struct BankHabitTests {
    private func bai2(_ account: String, _ details: String) throws -> ReadStatement {
        try #require(try bankStatements(of: "01,A,B,260105,0829,1,80,1,2/\n02,A,B,1,260105,,USD,/\n\(account)\n\(details)\n").first)
    }

    @Test func passesOverEmptyFieldsBetweenSummaries() throws {
        let read = try bai2(
            "03,123,USD,010,100,,,015,300,,,/\n88,040,50,,,045,60,,,/\n88,100,200,1,,400,0,0,/", "16,142,200,,R1,/\n88,PAYMENT\n49,910,6/")
        #expect((read.opening?.minor, read.closing?.minor) == (100, 300))
        #expect(read.findings.filter { $0.message.contains("account trailer") } == [])
    }

    @Test(arguments: [
        (
            "ORIG CO NAME:ALPHA CORP          ORIG ID:1234567890 DESC DATE:260105 CO ENTRY DESCR:PAYMENTS  SEC:CCD IND NAME:US INC",
            "ALPHA CORP"
        ),
        ("ALPHA CORP DES:PAYMENTS ID:4711 INDN:US INC CO ID:1234567890 CCD", "ALPHA CORP"),
        ("WIRE TYPE:WIRE IN DATE: 260105 TRN:2026010500001 ORIG:ALPHA CORP ID:4711 SND BK:SOME BANK", "ALPHA CORP"),
        ("Incoming Wire,From: ALPHA CORP\n88,REMI: INV 17\n88,EREF: E-4711\n88,DBNM: ALPHA CORP\n88,CRNM: US INC", "ALPHA CORP"),
        ("TRN:=0 ;\n88,ORG:=ALPHA CORP ;\n88,OBI:=Inv 3", "ALPHA CORP"),
        ("WIRE IN ORG=ALPHA CORP;OGB=SOME BANK;BNF=US INC;OBI=INV 3", "ALPHA CORP"),
        ("INCOMING MONEY TRF ORIG=/00123456 ALPHA CORP; RFB=77", "ALPHA CORP"), ("B/O=ALPHA CORP BBI=/BNF/INV 3", "ALPHA CORP"),
        ("COST=3 CATEGORIES=2", nil), ("PLAIN WORDS ONLY", nil),
    ])
    func findsThePayerInTheText(text: String, name: String?) throws {
        let told = try #require(try bai2("03,123,USD,/", "16,195,200,0,R1,,\(text)\n49,200,2/").entries.first?.transactions.first)
        #expect(told.counterpartyName == name)
        if text.contains("EREF") { #expect(told.endToEndID == "E-4711") }
        #expect(told.remittance.contains("CORP") || name == nil)
    }

    /// The file header says how long a line is: a full one is continued within the word, a shorter one is not.
    @Test func continuesTheWordThatAFullLineCuts() throws {
        func words(_ first: String, _ next: String) throws -> String? {
            try bai2("03,123,USD,/", "16,195,200,0,R1,,\n88,\(first)\n88,\(next)\n49,200,4/").entries.first?.transactions.first?.remittance
        }
        let full = "ALPHA CORP" + String(repeating: ".", count: 77 - 20) + "INV-123456"
        #expect(try words(full, "789 THANKS")?.hasSuffix("INV-123456789 THANKS") == true)
        #expect(try words(String(full.dropFirst()), "789 THANKS")?.hasSuffix("INV-123456 789 THANKS") == true)
        #expect(try words(full, " 789 THANKS")?.hasSuffix("INV-123456 789 THANKS") == true)
    }

    @Test func readsACheckOfOursThatCameBackAsAReturn() throws {
        let told = try #require(try bai2("03,123,USD,/", "16,255,931,0,R1,,Check Return/\n49,931,2/").entries.first?.transactions.first)
        #expect(told.returnReason == "BAI2 255")
    }

    @Test(arguments: ["\"Date\",\"Name\",\"Net\"\n\"05/01/2026\",\"A\",\"1.00\"\n", "Girokonto;DE1\nDate;Name;Net\n1.1.;A;1\n"])
    func saysOfATableWhichColumnsItHas(text: String) throws {
        let found = try fault { _ = try bankStatements(of: text) }
        #expect(found?.message.hasPrefix("is CSV with the columns Date, Name, Net: a bank statement (camt, ") == true)
    }

    @Test func booksNothingOfATestOrADeletion() throws {
        for (status, message) in [("2", "the group is a deletion (status 2)"), ("4", "the group is a test (status 4)")] {
            let text =
                "01,A,B,260105,1200,1,80,,2/\n02,B,A,\(status),260105,1200,USD,2/\n03,123,USD,010,0,,,015,500,,/\n16,195,500,0,R1,,X/\n"
                + "49,1000,3/\n98,1000,1,5/\n99,1000,1,7/\n"
            let read = try #require(try bankStatements(of: text).first)
            #expect(read.entries.isEmpty && read.findings.first?.message.hasPrefix(message) == true, "\(read.findings)")
            #expect(read.findings.count == 1, "\(read.findings)")
        }
        let unsaid = try #require(try bai2("03,123,USD,/", "16,158,931,0,0,0,ORIG/\n49,931,2/").entries.first)
        #expect((unsaid.reference, unsaid.transactions.first?.endToEndID) == (nil, nil))
    }

    private func ofx(_ transaction: String) throws -> ReadStatement {
        let text =
            "OFXHEADER:100\nDATA:OFXSGML\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STMTRS><CURDEF>USD<BANKACCTFROM><ACCTID>1</BANKACCTFROM>"
            + "<BANKTRANLIST><STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260105<TRNAMT>1.5<FITID>A\(transaction)</STMTTRN></BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
        return try #require(try bankStatements(of: text).first)
    }

    @Test(arguments: [
        (
            "<NAME>PAYMENT INV 4711 OF ALPHA COR<MEMO>PAYMENT INV 4711 OF ALPHA CORPORATION REF 9",
            "PAYMENT INV 4711 OF ALPHA CORPORATION REF 9"
        ),
        ("<NAME>ALPHA<MEMO>INV 4711", "ALPHA INV 4711"), ("<NAME>ALPHA<MEMO>ALPHA", "ALPHA"), ("<MEMO>INV 4711", "INV 4711"),
    ])
    func saysAWordOnceWhereTheMemoRepeatsTheName(parts: String, remittance: String) throws {
        #expect(try ofx(parts).entries.first?.transactions.first?.remittance == remittance)
    }

    @Test func takesTheExtendedNameAndTheAmountsOwnCurrency() throws {
        let read = try ofx("<NAME>ALPHA CORP OF<EXTDNAME>ALPHA CORP OF THE NORTH<CURRENCY><CURRATE>1.25<CURSYM>CAD</CURRENCY>")
        #expect(read.entries.first?.transactions.first?.counterpartyName == "ALPHA CORP OF THE NORTH")
        #expect(read.findings.map(\.message) == ["the amount is stated in CAD (CURRENCY), the account is in USD: compare it by hand"])
        let canadian = try #require(Currency("CAD"))
        #expect(read.entries.map(\.amount) == [Money(minor: 1_50, canadian)])
        #expect(try ofx("<CURRENCY><CURRATE>1.25<CURSYM>USD</CURRENCY>").entries.map(\.amount) == [Money(minor: 1_50, .usd)])
        let unknown = try ofx("<CURRENCY><CURRATE>1.25<CURSYM>QQQ</CURRENCY>")
        #expect(unknown.entries == [])
        #expect(
            unknown.findings.map(\.message) == [
                "the amount is stated in QQQ (CURRENCY), the account is in USD: left out, enter it by hand"
            ])
    }

    @Test func saysThatAnInvestmentStatementIsNone() throws {
        let text =
            "OFXHEADER:100\n\n<OFX><INVSTMTMSGSRSV1><INVSTMTTRNRS><INVSTMTRS><CURDEF>USD</INVSTMTRS></INVSTMTTRNRS></INVSTMTMSGSRSV1></OFX>"
        #expect(try fault { _ = try bankStatements(of: text) }?.message.contains("an investment statement (INVSTMTRS)") == true)
        let signOn = "OFXHEADER:100\n\n<OFX><SIGNONMSGSRSV1><SONRS></SONRS></SIGNONMSGSRSV1></OFX>"
        #expect(try fault { _ = try bankStatements(of: signOn) }?.message.contains("(no STMTRS or CCSTMTRS)") == true)
    }

    @Test(arguments: [true, false]) func readsUTF16InEveryTextFormat(isLittle: Bool) throws {
        func encoded(_ text: String) -> [UInt8] {
            ("\u{FEFF}" + text).utf16.flatMap { isLittle ? [UInt8($0 & 255), UInt8($0 >> 8)] : [UInt8($0 >> 8), UInt8($0 & 255)] }
        }
        let long = String(repeating: "ä€𝄞 ", count: 30_000).split(separator: " ").joined(separator: "\n")
        let text = ":20:A\n:25:1/2\n:28C:1\n:60F:C260104EUR10,\n:61:2601050105C5,NTRF\n:86:Müller €\n:62F:C260105EUR15,\n-\n" + long
        let read = try withFile(encoded(text)) { try bankStatements(at: $0) }
        #expect(read.flatMap(\.entries).first?.transactions.first?.remittance == "Müller €")
        #expect(read.flatMap(\.findings) == [])
        var records: [CSVRecord] = []
        try withFile(encoded("a\tb\nMüller\t€\n")) { try readCSV($0) { records.append($0) } }
        #expect(records.map(\.fields) == [["a", "b"], ["Müller", "€"]])
    }

    @Test func refusesAnOddEndOfUTF16() throws {
        let bytes: [UInt8] = [0xFF, 0xFE] + ":20:A\n".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] } + [0x3A]
        let found = try fault { _ = try withFile(bytes) { try bankStatements(at: $0) } }
        #expect(found?.message.contains("cut off") == true || found?.message.contains("names no account") == true)
    }

    /// A key that the bank says twice, once in each of its ways, is the first.
    @Test func takesTheFirstOfARepeatedKey() throws {
        let text =
            ":20:A\n:25:1/2\n:60F:C260104EUR10,\n:61:2601050105C5,NTRF\n:86:105?20EREF+E-1?21MREF+M-1?22SVWZ+STEUER?60 EREF: E-1 MREF: M-1\n"
        let told = try #require(try bankStatements(of: text).first?.entries.first?.transactions.first)
        #expect((told.endToEndID, told.mandateID, told.remittance) == ("E-1", "M-1", "STEUER"))
    }
}

/// A file that ends too early says so.
@Suite struct CutFileTests {
    private let head = ":20:A\n:25:1/2\n:28C:1\n:60F:C260104EUR10,\n:61:2601050105C5,NTRF\n:86:X\n"

    @Test func findsAMissingClosingBalance() throws {
        let cut = try bankStatements(of: head)[0]
        #expect(cut.findings.map(\.message) == ["the closing balance (:62F:) is missing: the file may be cut off"])
        #expect(cut.findings[0].line == 6)
        #expect(try bankStatements(of: head + ":62F:C260105EUR15,\n")[0].findings == [])
        #expect(try bankStatements(of: ":20:A\n:25:1/2\n:34F:EUR0,\n:61:2601050105C5,NTRF\n")[0].findings == [])
    }

    @Test(arguments: [("", true), ("</OFX>", false)]) func findsAMissingEndOfOFX(end: String, isCut: Bool) throws {
        let text =
            "OFXHEADER:100\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD<BANKACCTFROM><ACCTID>1</BANKACCTFROM><BANKTRANLIST>"
            + "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260105<TRNAMT>1.5<FITID>A</STMTTRN>\(end)"
        let found = try bankStatements(of: text)[0].findings.map(\.message)
        #expect(found == (isCut ? ["the end of the file (</OFX>) is missing: the file may be cut off"] : []))
    }
}
