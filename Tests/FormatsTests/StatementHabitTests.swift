import Domain
import Formats
import Testing

/// What banks state beside an amount: charges, codes, symbols, parties of a foreign payment.
@Suite struct StatementHabitTests {
    private func camt(_ entry: String) throws -> (entry: BankEntry, findings: [String]) {
        let read = try #require(try statements(of: document(entry)).first)
        return (try #require(read.entries.first), read.findings.map(\.message))
    }

    private func charge(_ amount: String, _ sign: String = "DBIT", isRecord: Bool = false) -> String {
        let part = "<Amt Ccy=\"EUR\">\(amount)</Amt><CdtDbtInd>\(sign)</CdtDbtInd>"
        return "<Chrgs>\(isRecord ? "<Rcrd>\(part)</Rcrd>" : part)</Chrgs>"
    }

    private let two = [("A", "100.00"), ("B", "50.00")].map { id, amount in
        "<Refs><EndToEndId>\(id)</EndToEndId></Refs><Amt Ccy=\"EUR\">\(amount)</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
    }

    @Test(arguments: [true, false]) func takesTheStatedChargeOffItsTransaction(isRecord: Bool) throws {
        let charge = charge("1.50", isRecord: isRecord)
        let one = try camt(entry("98.50", rest: details("<AmtDtls><InstdAmt><Amt Ccy=\"EUR\">100.00</Amt></InstdAmt></AmtDtls>\(charge)")))
        #expect(one.findings == [] && one.entry.transactions.map(\.amount?.minor) == [98_50])
        let inTwo = try camt(entry("148.50", rest: details(two[0], two[1] + charge)))
        #expect(inTwo.findings == [] && inTwo.entry.transactions.map(\.amount?.minor) == [100_00, 48_50])
        let ofEntry = try camt(entry("148.50", rest: charge + details(two[0], two[1])))
        #expect(ofEntry.findings == [] && ofEntry.entry.transactions.map(\.amount?.minor) == [98_50, 50_00])
        #expect(ofEntry.entry.transactions.map(\.endToEndID) == ["A", "B"])
    }

    /// What was sent is told beside what came, whether the bank states the one or the other as the transaction's amount.
    @Test(arguments: [("100.00", -1_50), ("98.50", -1_50), ("99.00", nil)] as [(String, Int64?)])
    func tellsTheChargeOfATransaction(instructed: String, charges: Int64?) throws {
        let instructed = "<AmtDtls><InstdAmt><Amt Ccy=\"EUR\">\(instructed)</Amt></InstdAmt></AmtDtls>", charge = charge("1.50")
        let one = try camt(entry("98.50", rest: details("<Amt Ccy=\"EUR\">98.50</Amt>\(instructed)\(charge)")))
        #expect(one.entry.transactions.map(\.amount?.minor) == [98_50])
        #expect(one.entry.transactions.map(\.charges?.minor) == [charges == -1_50 && instructed.contains("100.00") ? -1_50 : nil])
        let back = try camt(entry("101.50", "DBIT", rest: coded("IDDT", "UPDD") + details(instructed + charge)))
        #expect(back.entry.transactions.map(\.charges?.minor) == [instructed.contains("100.00") ? -1_50 : nil])
    }

    @Test func takesAChargeThatIsStatedAsATotal() throws {
        let total = "<Amt Ccy=\"EUR\">100.00</Amt><Chrgs><TtlChrgsAndTaxAmt Ccy=\"EUR\">1.50</TtlChrgsAndTaxAmt></Chrgs>"
        #expect(try camt(entry("98.50", rest: details(total))).entry.transactions.map(\.charges?.minor) == [-1_50])
    }

    /// `NOTPROVIDED` is nobody; one transaction of an entry that alone states an amount is the entry.
    @Test func tellsWhoPaid() throws {
        let parties =
            "<RltdPties><Dbtr><Nm>NOTPROVIDED</Nm></Dbtr><UltmtDbtr><Nm>Linda Biedermann</Nm></UltmtDbtr>"
            + "<DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct></RltdPties>"
        let read = try camt(
            entry(
                "20.00", rest: details("<Refs><AcctSvcrRef>VP26</AcctSvcrRef></Refs>") + details("<Amt Ccy=\"EUR\">20.00</Amt>" + parties)))
        #expect(read.entry.transactions.map(\.counterpartyName) == ["Linda Biedermann"])
        #expect(read.entry.transactions.map(\.counterpartyIBAN) == ["DE89370400440532013000"])
    }

    @Test(arguments: [("/VS0002026041/SS0000000000/KS0308", "2026041"), ("/VS/SS/KS0308", nil), ("VS-1", nil)] as [(String, String?)])
    func readsTheSymbolOfAnEndToEndID(id: String, symbol: String?) throws {
        let read = try camt(entry(rest: details("<Refs><EndToEndId>\(id)</EndToEndId></Refs>")))
        #expect(read.entry.transactions.map(\.structuredReference) == [symbol])
    }

    @Test func takesNoChargeThatIsNotTheDifference() throws {
        let included = try camt(entry("150.00", rest: details(two[0], two[1] + charge("1.50"))))
        #expect(included.findings == [] && included.entry.transactions.map(\.amount?.minor) == [100_00, 50_00])
        let other = try camt(entry("140.00", rest: details(two[0], two[1] + charge("1.50"))))
        #expect(other.findings.first?.hasPrefix("transactions do not add up") == true)
        let refund = try camt(entry("101.50", rest: details(two[0] + charge("1.50", "CRDT"))))
        #expect(refund.findings == [] && refund.entry.transactions.map(\.amount?.minor) == [101_50])
    }

    private func coded(_ family: String, _ sub: String) -> String {
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>\(family)</Cd><SubFmlyCd>\(sub)</SubFmlyCd></Fmly></Domn></BkTxCd>"
    }

    @Test(
        arguments: [
            ("IDDT", "UPDD", "DBIT", "NARR"), ("ICDT", "RRTN", "CRDT", "NARR"), ("IDDT", "ESDD", "CRDT", nil),
            ("RCDT", "ESCT", "CRDT", nil),
        ] as [(String, String, String, String?)])
    func marksAReturnByItsTransactionCode(family: String, sub: String, sign: String, reason: String?) throws {
        let parties = "<RltdPties><Dbtr><Nm>MEYER GMBH</Nm></Dbtr></RltdPties>"
        let read = try camt(entry("20.00", sign, rest: coded(family, sub) + details(parties)))
        #expect(read.entry.transactions.map(\.returnReason) == [reason])
        if sub == "UPDD" { #expect(read.entry.transactions.first?.counterpartyName == "MEYER GMBH") }
        #expect(try camt(entry("20.00", sign, rest: coded(family, sub))).entry.transactions.map(\.returnReason) == [reason])
        let own = try camt(entry("20.00", sign, rest: details(coded(family, sub) + "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>")))
        #expect(own.entry.transactions.map(\.returnReason) == ["AC04"])
    }

    @Test func keepsTheSymbolsOfCzechAndSlovakBanks() throws {
        func symbol(_ type: String, _ number: String) -> String { "<Prtry><Tp>\(type)</Tp><Ref>\(number)</Ref></Prtry>" }
        let told = try #require(
            try camt(
                entry(
                    rest: details(
                        "<Refs><EndToEndId>NOTPROVIDED</EndToEndId>\(symbol("VS", "2026041"))\(symbol("KS", "0308"))</Refs>"
                            + "<RmtInf><Ustrd>Uhrada faktury</Ustrd></RmtInf>"))
            ).entry.transactions.first)
        #expect((told.structuredReference, told.remittance) == ("2026041", "Uhrada faktury"))
        let both = try #require(
            try camt(
                entry(
                    rest: details(
                        "<Refs>\(symbol("VS", "2026041"))</Refs><RmtInf><Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>"
                    ))
            ).entry.transactions.first)
        #expect((both.structuredReference, both.remittance) == ("RF18539007547034", "2026041"))
    }

    private func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }

    private func nacha(_ batch: String, _ entry: String, _ addenda: [String]) throws -> BankEntry {
        let lines =
            [
                padded("101 031300012 2313801042601051200A094101Some Bank              Our Company", 94), padded(batch, 94),
                padded(entry, 94),
            ]
            + addenda.map { padded($0, 94) }
        return try #require(try bankStatements(of: lines.joined(separator: "\n")).first?.entries.first)
    }

    @Test func namesTheSenderOfAForeignPayment() throws {
        let read = try nacha(
            "5220" + padded("", 16) + "FF3" + padded("", 15) + "US123456789 IATTRADEPAYMTCADUSD260105   1031300010000001",
            "6220313000120007" + padded("", 13) + "0000100000" + padded("123456789", 35) + padded("", 4) + "1031300010000001",
            [
                "710ANN000000000000100000" + padded("928383-23938", 22) + padded("OUR COMPANY", 35) + padded("", 6) + "0000001",
                "711" + padded("ALPHA EXPORT SA", 35) + padded("1 Port Street", 35), "717Invoice 4711 of 5 January",
            ])
        #expect(read.amount.minor == 100_000)
        #expect(read.transactions.first?.counterpartyName == "ALPHA EXPORT SA")
        #expect(read.transactions.first?.remittance == "Invoice 4711 of 5 January")
    }

    /// The account of a credit is our own, that of a debit is whose we charged.
    @Test(arguments: [("22", nil), ("27", "031300012/987654")] as [(String, String?)])
    func namesNoAccountOfOurOwnAsThePayers(code: String, account: String?) throws {
        let read = try nacha(
            "5200ALPHA CORP      " + padded("", 20) + "1512345678PPDPAYMENT   260105260106   1031300010000001",
            "6\(code)031300012" + padded("987654", 17) + "0000150000" + padded("ID-1", 15) + "Beta LLC                0031300010000001", [])
        #expect(read.transactions.first?.counterpartyAccount == account)
    }

    @Test func namesThePersonWhoPaysByHisOwnBank() throws {
        let read = try nacha(
            "5220OUR COMPANY     " + padded("", 20) + "1512345678CIEPAYMENT   260105260106   1031300010000001",
            "622031300012" + padded("987654", 17) + "0000150000" + padded("DOE JANE", 15) + padded("CUST-4711", 22) + "  0031300010000001",
            [])
        let told = try #require(read.transactions.first)
        #expect((told.counterpartyName, told.endToEndID, told.remittance) == ("DOE JANE", "CUST-4711", "PAYMENT CUST-4711"))
    }

    @Test func readsAddendaAsOneStream() throws {
        let data = "RMR*IV*INV-1**1000.00*1020.00*20.00\\" + padded("NTE**", 41) + "INV-2 paid 500.00 in full\\"
        let pieces = stride(from: 0, to: data.count, by: 80).map { String(data.dropFirst($0).prefix(80)) }
        let split = data.index(data.startIndex, offsetBy: 80)
        #expect(data[..<split].hasSuffix("INV"))
        let read = try nacha(
            "5220ALPHA CORP      " + padded("", 20) + "1512345678CTXPAYMENT   260105260106   1031300010000001",
            "622031300012" + padded("987654", 17) + "0000150000" + padded("ID-1", 15) + "0002Our Company         1031300010000001",
            pieces.enumerated().map { "705" + padded($1, 80) + "000\($0 + 1)0000001" })
        #expect(read.transactions.first?.remittance.contains("INV-2 paid 500.00 in full") == true)
    }

    @Test func saysThatAnAccountingAdviceIsNoStatement() throws {
        let found = try fault {
            _ = try nacha(
                "5280Alpha Corp" + padded("", 26) + "121042882 ADVAccounting      260105   0121042880000001",
                "681231380104744-5678-99    00000005000012104288211131 Name                    0011000010500001", [])
        }
        #expect(found?.message == "is an accounting advice (ADV) between banks, which moves no money of a customer")
    }

    @Test func readsSeveralNACHAFilesInOne() throws {
        func file(_ letter: String) -> [String] {
            [
                padded(
                    "101 031300012 23138010426010512\(letter == "A" ? "00" : "30")\(letter)094101Some Bank              Our Company", 94),
                padded("5220ALPHA CORP      " + padded("", 20) + "1512345678PPDPAYMENT   260105260106   1031300010000001", 94),
                padded(
                    "622031300012" + padded("987654", 17) + "0000015000" + padded("ID-\(letter)", 15)
                        + "Beta LLC                0031300010000001", 94),
                padded("82200000010003130001000000000000000000015000", 94),
                padded("9000001000001000000010003130001000000000000000000015000", 94),
                String(repeating: "9", count: 94),
            ]
        }
        let read = try bankStatements(of: (file("A") + file("B")).joined(separator: "\n"))
        #expect(read.map(\.header.id) == ["260105-1200-A", "260105-1230-B"])
        #expect(read.flatMap(\.entries).map(\.transactions.first?.endToEndID) == ["ID-A", "ID-B"])
        #expect(read.flatMap(\.findings) == [])
        let cut = try fault { _ = try bankStatements(of: (file("A").dropLast(2) + file("B")).joined(separator: "\n")) }
        #expect(cut?.message == "a second file header (record 1) before the first file's control (9): the first is cut off")
    }

    @Test func saysThatAFileHoldsSeveralXMLDocuments() throws {
        let one = document(entry()) + "\n"
        let found = try fault { _ = try statements(of: one + one) }
        #expect(found?.message == "holds another XML document behind its first: split it")
        #expect(try fault { _ = try statements(of: String(one.dropLast(30))) }?.message.contains("damaged or cut off") == true)
    }

    @Test func keepsTheBlanksOfABAI2Text() throws {
        func text(_ records: String) throws -> String? {
            try bankStatements(
                of: "01,A,B,260105,0829,1,80,1,2/\n02,A,B,1,260105,,USD,/\n03,123,USD,/\n\(records)\n49,200,2/\n98,200,1,4/\n99,200,1,6/\n"
            ).first?.entries.first?.transactions.first?.remittance
        }
        #expect(try text("16,195,200,0,R1,,From: ALPHA CORP, INV 17, 18; -, SEC: CCD/") == "From: ALPHA CORP, INV 17, 18; -, SEC: CCD")
        #expect(try text("16,195,200,V,260105,,R1,,INV 17, INV 18") == "INV 17, INV 18")
        #expect(try text("16,195,200,0,R1/\n88,,INV 17, INV 18\n88,INV 19, 20") == "INV 17, INV 18 INV 19, 20")
    }

    private func ofx(_ transactions: [String]) throws -> ReadStatement {
        let text =
            "OFXHEADER:100\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD<BANKACCTFROM><ACCTID>1</BANKACCTFROM><BANKTRANLIST>\n"
            + transactions.map { "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260105\($0)</STMTTRN>\n" }.joined()
            + "</BANKTRANLIST></STMTRS></STMTTRNRS></OFX>"
        return try #require(try bankStatements(of: text).first)
    }

    @Test func takesATransactionOfOneFITIDOnce() throws {
        let one = "<TRNAMT>10.00<FITID>F-1<NAME>ALPHA<MEMO>INV 1"
        let twice = try ofx([one, one, one.replacing("F-1", with: "F-2")])
        #expect(twice.entries.map(\.reference) == ["F-1", "F-2"])
        #expect(twice.findings.map(\.message) == ["transaction F-1 comes again, equal in all it says: taken once"])
        #expect(twice.findings.first?.line == 5)
        let other = try ofx([one, one.replacing("10.00", with: "11.00")])
        #expect(other.entries.map(\.amount.minor) == [10_00, 11_00] && other.findings == [])
        let zeros = one.replacing("F-1", with: "0000")
        #expect(try ofx([zeros, zeros]).entries.count == 2)
    }
}
