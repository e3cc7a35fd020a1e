import Domain
import Formats
import Testing

/// What payers say their payments are for, format by format, with the place of each field.
@Suite struct RemittanceTests {
    private func advices(_ text: String, currency: Currency? = nil, table: RemittanceTable? = nil) throws -> [RemittanceAdvice] {
        try withFile(text) { try readRemittance($0, currency: currency, table: table).advices }
    }

    private func isa(_ sets: String) -> String {
        "ISA*00*          *00*          *ZZ*PAYER          *ZZ*SELLER         *260105*1200*U*00401*000000001*0*P*>~\nGS*RA*PAYER*SELLER*20260105*1200*1*X*004010~\n"
            + sets + "GE*1*1~\nIEA*1*000000001~\n"
    }

    private let payment = """
        ST*820*0001~
        BPR*C*1430.50*C*ACH*CTX*01*021000021*DA*123456789*1512345678**01*031000053*DA*987654*20260106~
        TRN*1*TR-778899*1512345678~
        CUR*PR*USD~
        DTM*097*20260105~
        N1*PR*ACME TOOL & DIE*1*123456789~
        N1*PE*FLORIN BOOKS~
        ENT*1~
        RMR*IV*INV-1001*PO*980.00*1000.00*20.00~
        REF*PO*PO-55~
        DTM*003*20251201~
        RMR*IV*INV-1002*PO*500.50*550.50~
        ADX*-50*06~
        RMR*CM*CN-7*PO*-50.00~
        SE*15*0001~

        """

    @Test func readsX12Payments() throws {
        let advice = try #require(try advices(isa(payment)).first)
        #expect(advice.format == "X12 820 004010")
        #expect(advice.payerName == Cited("ACME TOOL & DIE", Citation(line: 8, columns: 7..<22)))
        #expect(advice.paymentReference?.value == "TR-778899")
        #expect(advice.payerIdentifiers.map(\.value) == ["021000021/123456789", "1512345678", "123456789"])
        #expect(advice.payerIdentifiers.first?.at == Citation(line: 4, columns: 41..<50))
        #expect(advice.paidOn?.value.iso8601 == "2026-01-06")
        #expect(advice.total?.value == Money(minor: 1430_50, .usd))
        #expect(advice.lines.map(\.document.value) == ["INV-1001", "INV-1002", "CN-7"])
        #expect(advice.lines.map(\.kind) == [.invoice, .invoice, .creditNote])
        #expect(advice.lines.map(\.paid?.value.minor) == [980_00, 500_50, -50_00])
        #expect(advice.lines[0].discount?.value.minor == 20_00)
        #expect(advice.lines[0].gross?.at == Citation(line: 11, columns: 27..<34))
        #expect(advice.lines[0].alsoKnownAs.map(\.value) == ["PO-55"])
        #expect(advice.lines[1].deductions.map(\.amount.value.minor) == [50_00])
        #expect(advice.lines[1].deductions.first?.reason?.value == "06")
        #expect(advice.findings == [])
    }

    private func camt(_ structured: String, amount: String = "1430.50") -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
        <GrpHdr><MsgId>M</MsgId><CreDtTm>2026-01-07T06:00:00</CreDtTm></GrpHdr>
        <Stmt><Id>S</Id><Acct><Id><IBAN>DE75512108001245126199</IBAN></Id></Acct>
        <Ntry><Amt Ccy="EUR">9.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-01-06</Dt></BookgDt></Ntry>
        <!-- <Ntry><Nb>none</Nb></Ntry> -->
        <Ntry><Amt Ccy="EUR">\(amount)</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-01-06</Dt></BookgDt>
        <NtryDtls><TxDtls><Refs><EndToEndId>E2E-778899</EndToEndId></Refs><Amt Ccy="EUR">\(amount)</Amt><CdtDbtInd>CRDT</CdtDbtInd>
        <RltdPties><Dbtr><Pty><Nm>Müller &amp; Söhne</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct></RltdPties>
        <RmtInf>\(structured)</RmtInf></TxDtls></NtryDtls></Ntry>
        </Stmt></BkToCstmrStmt></Document>
        """
    }

    private let structured = """
        <Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>CINV</Cd></CdOrPrtry></Tp><Nb>INV-1001</Nb><RltdDt><Tp><Cd>ISSU</Cd></Tp><Dt>2025-12-01</Dt></RltdDt>
        </RfrdDocInf><RfrdDocAmt><DuePyblAmt Ccy="EUR">1000.00</DuePyblAmt>
        <DscntApldAmt><Amt Ccy="EUR">15.00</Amt></DscntApldAmt><DscntApldAmt><Amt Ccy="EUR">5.00</Amt></DscntApldAmt>
        <RmtdAmt Ccy="EUR">980.00</RmtdAmt></RfrdDocAmt></Strd>
        <Strd><RfrdDocInf><Nb>INV-1002</Nb><RltdDt>2025-12-03</RltdDt></RfrdDocInf><RfrdDocAmt><DuePyblAmt Ccy="EUR">550.50</DuePyblAmt>
        <AdjstmntAmtAndRsn><Amt Ccy="EUR">50.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Rsn>06</Rsn><AddtlInf>carton damaged</AddtlInf>
        </AdjstmntAmtAndRsn></RfrdDocAmt></Strd>
        <Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>CREN</Cd></CdOrPrtry></Tp><Nb>CN-7</Nb></RfrdDocInf>
        <RfrdDocAmt><CdtNoteAmt Ccy="EUR">50.00</CdtNoteAmt></RfrdDocAmt></Strd>
        """

    /// An advice whose payment has no id of its own is of the entry that it came in; an account that is no IBAN stands behind its bank.
    @Test func anAdviceIsKnownByItsEntry() throws {
        let text = camt(structured).replacing("E2E-778899", with: "NOTPROVIDED")
            .replacing("<NtryDtls><TxDtls><Refs>", with: "<AcctSvcrRef>2026010600017</AcctSvcrRef><NtryDtls><TxDtls><Refs>")
            .replacing("<IBAN>DE89370400440532013000</IBAN>", with: "<Othr><Id>77 12</Id></Othr>")
            .replacing(
                "</RltdPties>", with: "</RltdPties><RltdAgts><DbtrAgt><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId></DbtrAgt></RltdAgts>"
            )
        let advice = try #require(try withFile(text) { try readRemittance($0) }.advices.first)
        #expect(advice.paymentReference?.value == "2026010600017" && advice.paymentReference?.at.line == 8)
        #expect(advice.payerIdentifiers.map(\.value) == ["COBADEFF/7712"])
    }

    /// A statement carries the advice itself, with the place of each field.
    @Test func readsTheAmountsOfDocumentsInAStatement() throws {
        let file = try withFile(camt(structured)) { try readRemittance($0) }, advice = try #require(file.advices.first)
        #expect(file.reader == "camt" && file.advices.count == 1 && advice.format == "camt.053" && advice.findings == [])
        #expect(advice.payerName == Cited("Müller & Söhne", Citation(line: 9, columns: 27..<45)))
        #expect(advice.payerIdentifiers.map(\.value) == ["DE89370400440532013000"])
        #expect(advice.paymentReference == Cited("E2E-778899", Citation(line: 8, columns: 37..<47)))
        #expect(advice.paidOn?.value.iso8601 == "2026-01-06" && advice.total?.value == Money(minor: 1430_50, .eur))
        #expect(advice.lines.map(\.document.value) == ["INV-1001", "INV-1002", "CN-7"])
        #expect(advice.lines.map(\.kind) == [.invoice, .invoice, .creditNote])
        #expect(advice.lines.map(\.issuedOn?.value.iso8601) == ["2025-12-01", "2025-12-03", nil])
        #expect(advice.lines.map(\.gross?.value.minor) == [1000_00, 550_50, nil])
        #expect(advice.lines.map(\.paid?.value.minor) == [980_00, 500_50, -50_00])
        #expect(advice.lines[0].discount?.value.minor == 20_00)
        #expect(advice.lines[1].deductions.map(\.amount.value.minor) == [50_00])
        #expect(advice.lines[1].deductions.first?.reason?.value == "carton damaged")
        let lines = camt(structured).split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
        func cited(_ at: Citation) -> String { String(lines[at.line - 1][(at.columns.lowerBound - 1)..<(at.columns.upperBound - 1)]) }
        #expect(advice.lines.map { cited($0.document.at) } == ["INV-1001", "INV-1002", "CN-7"])
        #expect(advice.lines[0].paid.map { cited($0.at) } == "980.00" && advice.lines[0].discount.map { cited($0.at) } == "15.00")
    }

    @Test func readsOnlyWhatAStatementSaysOfDocuments() throws {
        func carried(_ text: String) throws -> [RemittanceAdvice]? { try withFile(text) { try carriedAdvices($0)?.advices } }
        let names = camt("<Strd><RfrdDocInf><Nb>INV-1001</Nb></RfrdDocInf></Strd>")
        #expect(try carried(names) == nil)
        let refusal = try fault { _ = try withFile(names) { try readRemittance($0) } }
        #expect(refusal?.message.contains("camt with amounts for each document") == true)
        let outgoing = camt(structured).replacing("<CdtDbtInd>CRDT</CdtDbtInd><Sts>", with: "<CdtDbtInd>DBIT</CdtDbtInd><Sts>")
        #expect(try carried(outgoing) == nil)
        // An amount of its own up to version 03.
        let old = structured.replacing(
            "<DscntApldAmt><Amt Ccy=\"EUR\">15.00</Amt></DscntApldAmt>", with: "<DscntApldAmt Ccy=\"EUR\">15.00</DscntApldAmt>")
        #expect(try carried(camt(old))?.first?.lines[0].discount?.value.minor == 20_00)
        let foreign = structured.replacing("<RmtdAmt Ccy=\"EUR\">", with: "<RmtdAmt Ccy=\"USD\">")
        #expect(
            try carried(camt(foreign))?.first?.findings.map(\.message) == ["amount in USD, the payment is in EUR: left out"])
        // The receipt stands in the books: what cannot be read of its documents is a finding, and nothing is made up in its place.
        let unreadable = try carried(camt(structured.replacing(">980.00<", with: ">98O.00<")))?.first
        #expect(unreadable?.findings.map(\.message) == ["amount 98O.00 is not a number: left out"])
        #expect(unreadable?.lines.map(\.paid?.value.minor) == [nil, 500_50, -50_00])
        let much = String(repeating: "<DscntApldAmt><Amt Ccy=\"EUR\">9999999999.99</Amt></DscntApldAmt>", count: 2_000)
        let beyond = try carried(camt(structured.replacing("<DscntApldAmt><Amt Ccy=\"EUR\">15.00</Amt></DscntApldAmt>", with: much)))?.first
        #expect(beyond?.lines[0].discount == nil && beyond?.findings.count == 1)
        let torn = String(camt(structured).dropLast(60))
        #expect(try fault { _ = try carried(torn) } != nil)
    }

    @Test func aSumBeyondAnyEntryIsFoundNotTrappedOn() throws {
        let much = payment.replacing("ADX*-50*06~\n", with: String(repeating: "ADX*-9999999999*06~\n", count: 1_100))
        let messages = try advices(isa(much)).first?.findings.map(\.message) ?? []
        #expect(messages.contains("INV-1002: 550.50 USD less 10,999,999,998,900.00 USD is not 500.50 USD"))
    }

    @Test func findsWhatDoesNotAddUp() throws {
        let broken = payment.replacing("980.00*1000", with: "970.00*1000").replacing("SE*15", with: "SE*99")
        let messages = try advices(isa(broken)).first?.findings.map(\.message) ?? []
        #expect(
            messages == [
                "SE: 99 segments stated, 15 found", "INV-1001: 1,000.00 USD less 20.00 USD is not 970.00 USD",
                "the lines pay 1,420.50 USD, the total is 1,430.50 USD",
            ])
    }

    /// Some senders break the lines of an interchange after 80 characters, within a value too.
    @Test func aBrokenLineIsCitedInItsPieces() throws {
        let advice = try #require(try advices(isa(payment.replacing("RMR*IV*INV-1002*PO", with: "RMR*IV*INV\n-10\n02*PO"))).first)
        #expect(advice.lines[1].document.value == "INV-1002" && "\(advice.lines[1].document.at)" == "14:8-11+15:1-4+16:1-3")
        #expect("\(advice.lines[0].document.at)" == "11:8-16")
    }

    @Test func readsALockbox() throws {
        let lockbox = """
            ST*823*0001~
            DEP*4711*20260105**LB-1*01*021000021*DA*111~
            BAT*20260105~
            BPR*I*100.00*C*CHK*PBC*01*021000021*DA*5550001~
            REF*CK*10001~
            RMR*IV*A-1**100.00~
            BPR*I*250.00*C*CHK*PBC*01*021000021*DA*5550002~
            REF*CK*10002~
            RMR*IV*A-2**150.00~
            RMR*IV*A-3**100.00~
            SE*11*0001~

            """
        let read = try advices(isa(lockbox))
        #expect(read.map(\.paymentReference?.value) == ["10001", "10002"])
        #expect(read.map { $0.lines.map(\.document.value) } == [["A-1"], ["A-2", "A-3"]])
        #expect(read.flatMap(\.findings) == [])
    }

    @Test func readsAShortHeaderAndIndentation() throws {
        let text =
            "\u{FEFF}ISA*00* *00* *ZZ*A *ZZ*B*260105*1200*U*00401*1*0*P*>|\n\tGS*RA*A*B*20260105*1*1*X*004010|\n\t\tST*820*1|\n\t\t\tBPR*C*10*C*ACH|\n"
            + "\t\t\tRMR*IV*X-1**10|\n\t\tSE*4*1|\nGE*1*1|\nIEA*1*1|"
        let advice = try #require(try advices(text).first)
        #expect(advice.lines.first?.document == Cited("X-1", Citation(line: 5, columns: 11..<14)))
        #expect(advice.findings == [])
    }

    private let remadv = """
        UNA:+.? 'UNB+UNOC:3+PAYER+SELLER+260105:1200+1'
        UNH+1+REMADV:D:96A:UN:EAN005'BGM+481+RA-99+9'DTM+137:20260105:102'DTM+138:20260107:102'
        RFF+PQ:PAY?+77'NAD+PR+4012345000009::9++M?'BEL AG'NAD+PE+4099999000005::9'CUX+2:EUR:11'
        DOC+380+R-100'MOA+9:119.00'MOA+52:2.38'MOA+12:116.62'DTM+171:20251205:102'
        DOC+381+G-5'MOA+9:16.62'MOA+12:16.62'
        DOC+380+R-101'MOA+9:50'MOA+165:5.50'AJT+9'
        UNS+S'MOA+12:144.50'UNT+25+1'UNZ+1+1'

        """

    @Test func readsEdifactAdvices() throws {
        let advice = try #require(try advices(remadv).first)
        #expect(advice.format == "EDIFACT REMADV D.96A")
        #expect(advice.payerName?.value == "M'BEL AG")
        #expect(advice.payerIdentifiers.map(\.value) == ["4012345000009"])
        #expect(advice.paymentReference?.value == "PAY+77")
        #expect(advice.paidOn?.value.iso8601 == "2026-01-07")
        #expect(advice.currency == .eur)
        #expect(advice.lines.map(\.document.value) == ["R-100", "G-5", "R-101"])
        #expect(advice.lines.map(\.paid?.value.minor) == [116_62, -16_62, 44_50])
        #expect(advice.lines[0].discount?.value.minor == 2_38)
        #expect(advice.total?.value.minor == 144_50)
    }

    @Test func readsDecimalsByTheMarkOfUNA() throws {
        let comma = remadv.replacing("UNA:+.?", with: "UNA:+,?").replacing("119.00", with: "119,00")
            .replacing("2.38", with: "2,38").replacing("116.62", with: "116,62").replacing("16.62", with: "16,62").replacing(
                "5.50", with: "5,50"
            )
            .replacing("144.50", with: "144,50")
        #expect(try advices(comma).first?.total?.value.minor == 144_50)
        let unmarked = comma.replacing("UNA:+,? '", with: "")
        #expect(try advices(unmarked).first?.total?.value.minor == 144_50)
    }

    @Test(arguments: ["*", "|", "^"]) func readsAddendaOfACTXEntry(mark: String) throws {
        let starred = "ST*820*0001\\BPR*C*150.00*C*ACH*CTX\\TRN*1*REF1\\RMR*IV*INV-77**100.00\\RMR*IV*INV-78**50.00\\SE*5*0001\\"
        let data = starred.replacing("*", with: mark)
        let pieces = stride(from: 0, to: data.count, by: 80).map { start in String(data.dropFirst(start).prefix(80)) }
        func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
        let lines =
            [
                padded("101 031300012 2313801042601051200A094101Some Bank              Our Company", 94),
                padded(
                    "5220Acme Tool       " + String(repeating: " ", count: 20) + "1512345678CTXPAYMENT   260105260106   1031300010000001",
                    94),
                "6220313000" + "12" + padded("987654", 17) + "0000015000" + padded("ID-1", 15) + "0002" + padded("Our Company", 16)
                    + "    1" + "031300010000001",
            ] + pieces.enumerated().map { at, piece in "705" + padded(piece, 80) + padded("000\(at + 1)0000001", 11) } + [
                padded("82200000030003130001000000000000000000015000", 94),
                padded("9000001000001000000030003130001000000000000000000015000", 94),
            ]
        let advice = try #require(try advices(lines.joined(separator: "\n")).first)
        #expect(advice.lines.map(\.document.value) == ["INV-77", "INV-78"])
        #expect(advice.lines.map(\.paid?.value.minor) == [100_00, 50_00])
        #expect(advice.paymentReference?.value == "031300010000001")
        #expect(advice.payerName?.value == "Acme Tool")
        #expect(advice.paidOn?.value.iso8601 == "2026-01-06")
        // Its end is on the next addendum.
        let cut = advice.lines[1].document.at
        #expect(cut == Citation(line: 4, columns: 79..<84, further: [.init(line: 5, columns: 4..<5)]))
        #expect("\(cut)" == "4:79-84+5:4-5")
    }

    @Test func readsCSVByItsMapping() throws {
        let text = """
            Zahlungsavis der Muster AG;;;;
            Rechnung;Datum;Brutto;Skonto;Zahlung
            "R-1;A";05.12.2025;1.190,00;23,80;1.166,20
            R-2;06.12.2025;50,00;;50,00

            """
        let table = RemittanceTable(
            delimiter: ";", decimal: ",", dates: .dotted, currency: .eur,
            columns: [.document: "rechnung", .issuedOn: "Datum", .gross: "Brutto", .discount: "Skonto", .paid: "Zahlung"])
        let advice = try #require(try advices(text, table: table).first)
        #expect(advice.lines.map(\.document.value) == ["R-1;A", "R-2"])
        #expect(advice.lines.map(\.paid?.value.minor) == [1166_20, 50_00])
        #expect(advice.lines[0].issuedOn?.value.iso8601 == "2025-12-05")
        #expect(advice.lines[0].paid?.at == Citation(line: 3, columns: 35..<43))
        #expect(advice.findings == [])
    }

    @Test func readsATableInText() throws {
        let text = """
            From: Acme Tool & Die <ap@acme.example>
            Payment reference: EFT-20260105-77
            Payment date: 2026-01-05

            Invoice No      Invoice Date    Gross Amount    Discount    Amount Paid
            INV-1001        2025-12-01          1,000.00       20.00         980.00 USD
            INV-1002        2025-12-03            500.50        0.00         500.50 USD
            Total                               1,500.50       20.00       1,480.50 USD
            """
        let advice = try #require(try advices(text).first)
        #expect(advice.payerName?.value == "Acme Tool & Die")
        #expect(advice.paymentReference?.value == "EFT-20260105-77")
        #expect(advice.paidOn?.value.iso8601 == "2026-01-05")
        #expect(advice.currency == .usd)
        #expect(advice.lines.map(\.document.value) == ["INV-1001", "INV-1002"])
        #expect(advice.lines.map(\.gross?.value.minor) == [1000_00, 500_50])
        #expect(advice.lines.map(\.paid?.value.minor) == [980_00, 500_50])
        #expect(advice.lines[0].discount?.value.minor == 20_00)
        #expect(advice.total?.value.minor == 1480_50)
        #expect(advice.findings == [])
    }

    @Test func readsSentences() throws {
        let text =
            "Guten Tag,\nwir haben heute Ihre Rechnung Nr. 2026-00017 mit 1.190,00 EUR abzüglich Skonto 23,80 EUR und\nRechnung 2026-00018 mit 50,00 EUR bezahlt.\n"
        let advice = try #require(try advices(text).first)
        #expect(advice.lines.map(\.document.value) == ["2026-00017", "2026-00018"])
        #expect(advice.lines.map(\.paid?.value.minor) == [1190_00, 50_00])
        #expect(advice.lines[0].discount?.value.minor == 23_80)
    }

    @Test(arguments: [
        (
            "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260105*1200*U*00401*000000001*0*P*>~\nST*850*1~\nBEG*00~\nSE*3*1~",
            "is a message 850 (purchase order): an 820, 823 or REMADV is wanted"
        ),
        ("ISA*00*cut off", "the interchange header (ISA) has no 16 elements with marks behind them: is the file cut off?"),
        ("UNA+++++'UNB", "the marks of UNA are not distinct: +++++'"),
        ("%PDF-1.7 binary", "is a PDF: a remittance advice"), ("", "is empty: a remittance advice"), ("<xml/>", "is of no known format"),
        ("hello\nEUR\n", "no line names a document and an amount"), ("hello\n", "names no currency"),
    ])
    func refusesOtherFiles(text: String, message: String) throws {
        let found = try fault { _ = try advices(text) }
        #expect(found?.message.hasPrefix(message) == true, "\(String(describing: found))")
    }

    @Test(arguments: [
        ("edifact.01.edi", "is a message QUOTES (quote)"), ("edifact.Issue152.Wikipedia.edi", "is a message PAORES"),
        ("edifact.ORDRSP.edi", "is a message ORDRSP"),
        ("x12.810a.edi", "is a message 810 (invoice)"), ("x12.810c.edi", "is a message 810 (invoice)"), ("x12.850.edi", "is a message 850"),
        ("x12.850a.edi", "is a message 850"),
    ])
    func readsTheSegmentsOfEverySample(file: String, message: String) throws {
        guard let path = sharedData("edi/\(file)") else { return }
        let found = try fault { _ = try readRemittance(path) }
        #expect(found?.message.hasPrefix(message) == true, "\(String(describing: found))")
    }
}
