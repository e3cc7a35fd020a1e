import Domain
import Formats
import Testing

/// Habits of single banks in camt files.
@Suite struct CamtBankTests {
    private func only(_ document: String) throws -> BankEntry {
        let entries = try statements(of: document).flatMap(\.entries)
        return try #require(entries.count == 1 ? entries.first : nil)
    }
    private func transaction(_ parts: String, _ sign: String = "CRDT", rest: String = "") throws -> BankEntry.Transaction {
        try #require(try only(document(entry("10", sign, rest: rest + details(parts)))).transactions.first)
    }

    @Test(arguments: [
        "urn:example:bank:camt.053.001.08", "http://bank.example/camt.053.001.08/", "urn:swift:xsd:camt.053.001.02", "urn:other",
    ])
    func readsAMessageWhateverItsNamespace(namespace: String) throws {
        let text = document(entry()).replacing("urn:iso:std:iso:20022:tech:xsd:camt.053.001.08", with: namespace)
        let read = try statements(of: text)
        #expect(read.flatMap(\.entries).count == 1)
        #expect(read[0].header.format.hasPrefix("camt.053"))
    }

    @Test func readsAMessageWithinAnEnvelope() throws {
        let body = document(entry(), entry("2")).split(separator: "\n").dropFirst().joined(separator: "\n")
        let text = "<Envelope xmlns=\"urn:swift:envelope\"><AppHdr xmlns=\"urn:h\"><BizMsgIdr>B</BizMsgIdr></AppHdr>\(body)</Envelope>"
        #expect(try statements(of: text).flatMap(\.entries).map(\.amount.minor) == [1000, 200])
        #expect(try statements(of: "<Data><Envelope><Head/>\(body)</Envelope></Data>").flatMap(\.entries).count == 2)
        let bare = body.replacing(#/<\/?Document[^>]*>/#, with: "")
        #expect(try statements(of: bare).map(\.header.format) == ["camt.053"])
    }

    @Test func saysWhatAFileIsThatHoldsNoStatement() throws {
        #expect(try fault { _ = try statements(of: "<Data><A/></Data>") }?.message.contains("is a Data") == true)
        let pain = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.03\"><CstmrCdtTrfInitn/></Document>"
        #expect(try fault { _ = try statements(of: pain) }?.message.contains("is pain.001.001.03") == true)
    }

    @Test func readsLatinBytesThatClaimToBeUTF8() throws {
        let text = document(entry(rest: details("<RltdPties><Dbtr><Nm>Müller</Nm></Dbtr></RltdPties>")))
        let read = try withFile(text.unicodeScalars.map { UInt8($0.value) }) { try statements(at: $0) }
        #expect(read[0].entries[0].transactions[0].counterpartyName == "Müller")
        #expect(read[0].findings.map(\.message) == ["the file is not the UTF-8 it says it is: read as Windows-1252"])
    }

    @Test(arguments: [true, false]) func readsUTF16(isLittle: Bool) throws {
        let units = ("\u{FEFF}" + document(entry()).replacing("UTF-8", with: "UTF-16")).utf16
        let bytes = units.flatMap { isLittle ? [UInt8($0 & 255), UInt8($0 >> 8)] : [UInt8($0 >> 8), UInt8($0 & 255)] }
        #expect(try withFile(bytes) { try bankStatements(at: $0) }.flatMap(\.entries).count == 1)
    }

    @Test func takesTheCreationDayOfTheMessage() throws {
        let text = document(createdOn: nil, entry(dates: "")).replacing(
            "<MsgId>M</MsgId>", with: "<MsgId>M</MsgId><CreDtTm>2026-02-03T04:05:06</CreDtTm>")
        #expect(try only(text).bookedOn.iso8601 == "2026-02-03")
    }

    @Test(arguments: [
        ("2026-01-30T00:00:00", "2026-01-30T23:59:59", "2026-01-30"), ("2026-01-29T00:00:00", "2026-01-30T00:00:00", "2026-01-29"),
        ("2026-01-30T00:00:00", "2026-01-30T00:00:00", "2026-01-30"),
    ])
    func takesTheLastDayOfThePeriod(from: String, to: String, day: String) throws {
        let period = "<FrToDt><FrDtTm>\(from)</FrDtTm><ToDtTm>\(to)</ToDtTm></FrToDt>"
        #expect(
            try only(document(createdOn: "2026-02-01", entry(dates: "")).replacing("<Acct>", with: period + "<Acct>")).bookedOn.iso8601
                == day)
    }

    @Test func readsBalancesByTheirBAI2TypesAndAnAccountInSmallLetters() throws {
        func coded(_ type: String, _ amount: String) -> String {
            balance("X", amount).replacing("<Cd>X</Cd>", with: "<Prtry>\(type)</Prtry>")
        }
        let text = document(coded("010", "5.00"), coded("015", "15.00"), coded("040", "1.00"), entry())
        let read = try #require(try statements(of: text.replacing("<IBAN>DE02", with: "<IBAN>de02")).first)
        #expect((read.opening?.minor, read.closing?.minor, read.header.account) == (5_00, 15_00, "DE02300606010002474689"))
        #expect(read.findings == [])
    }

    @Test func readsChequePurposeAndCreditor() throws {
        let told = try transaction(
            "<Refs><ChqNb>4711</ChqNb></Refs>"
                + "<RltdPties><Cdtr><Id><PrvtId><Othr><Id>DE98ZZZ09999999999</Id><SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr></PrvtId></Id></Cdtr></RltdPties>"
                + "<Purp><Cd>SALA</Cd></Purp>")
        #expect((told.checkNumber, told.purpose, told.creditorID) == ("4711", "SALA", "DE98ZZZ09999999999"))
    }

    @Test func takesTheOtherSideAReturnNamesWhereItNamesOnlyOne() throws {
        let told = try transaction(
            "<RltdPties><Cdtr><Nm>ALPHA</Nm></Cdtr><CdtrAcct><Id><IBAN>NL91ABNA0417164300</IBAN></Id></CdtrAcct></RltdPties>"
                + "<RtrInf><Rsn><Cd>AC06</Cd></Rsn></RtrInf>", "DBIT", rest: "<RvslInd>true</RvslInd>")
        #expect((told.counterpartyName, told.counterpartyIBAN) == ("ALPHA", "NL91ABNA0417164300"))
        let own = try transaction(
            "<RltdPties><Cdtr><Nm>US</Nm></Cdtr><CdtrAcct><Id><IBAN>DE02300606010002474689</IBAN></Id></CdtrAcct></RltdPties>")
        #expect((own.counterpartyName, own.counterpartyIBAN) == (nil, nil))
    }

    @Test func takesNoReferenceWhereTheBankHasNone() throws {
        #expect(try only(document(entry(rest: "<AcctSvcrRef>NONREF</AcctSvcrRef>"))).reference == nil)
        let told = try transaction("<Refs><EndToEndId>NONREF</EndToEndId><MndtId>NOTPROVIDED</MndtId></Refs>")
        #expect((told.endToEndID, told.mandateID) == (nil, nil))
    }

    @Test func takesTheCounterValueWhereTheRestIsForeign() throws {
        let part = { (eur: String) in
            "<AmtDtls><InstdAmt><Amt Ccy=\"USD\">6.00</Amt></InstdAmt><CntrValAmt><Amt Ccy=\"EUR\">\(eur)</Amt></CntrValAmt></AmtDtls>"
        }
        let read = try only(document(entry(rest: details(part("4.00"), part("6.00")))))
        #expect(read.transactions.map(\.amount?.minor) == [400, 600])
    }

    @Test func joinsLinesOfTextAndFullLengths() throws {
        let full = String(repeating: "X", count: 134) + "RECH12"
        let told = try transaction("<RmtInf><Ustrd>\(full)</Ustrd><Ustrd>345 ENDE</Ustrd><Ustrd>A\n   B</Ustrd></RmtInf>")
        #expect(told.remittance.hasSuffix("RECH12345 ENDE A B"))
        #expect(try transaction("<RltdPties><Dbtr><Nm>ALPHA\n      GMBH</Nm></Dbtr></RltdPties>").counterpartyName == "ALPHA GMBH")
    }

    @Test func tellsTheLaterPageOfAStatement() throws {
        let page = { (number: Int) in "<StmtPgntn><PgNb>\(number)</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>" }
        #expect(try statements(of: document(page(1), entry()))[0].header.isContinuation == false)
        #expect(try statements(of: document(page(2), entry()))[0].header.isContinuation)
    }

    @Test(arguments: [
        "<BBAN>123 456</BBAN>", "<PrtryAcct><Id>123456</Id></PrtryAcct>", "<UPIC>123456</UPIC>", "<Othr><Id>123456</Id></Othr>",
    ])
    func readsAnyNumberOfAnAccount(id: String) throws {
        let text = document(entry()).replacing("<IBAN>DE02 3006 0601 0002 4746 89</IBAN>", with: id)
        #expect(try statements(of: text)[0].header.account == "123456")
    }

    /// What the payer states for each document stays readable in order, with its kind.
    @Test func namesEveryDocumentOfAStructuredRemittance() throws {
        let line = { (number: String, kind: String) in
            "<Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>\(kind)</Cd></CdOrPrtry></Tp><Nb>\(number)</Nb></RfrdDocInf></Strd>"
        }
        let reference = "<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>RF18 5390 0754 7034</Ref></CdtrRefInf></Strd>"
        let told = try transaction("<RmtInf>\(line("INV-1", "CINV"))\(line("CN-2", "CREN"))\(reference)</RmtInf>")
        #expect(told.remittance == "INV-1 CN-2")
        #expect(told.structuredReference == "RF18 5390 0754 7034")
    }
}
