import Domain
import Formats
import Testing

/// Words of banks that stand where another format has a field, or go on where a record ends.
@Suite struct BankWordTests {
    private func transaction(_ text: String) throws -> BankEntry.Transaction {
        try #require(try bankStatements(of: text).first?.entries.first?.transactions.first)
    }

    @Test(
        arguments: [
            (
                "/PT/DE/EI/EFT:XYZ LOCAL CORPORATION (ANDA20103H): INVOICE 4471 AND 4472", nil, nil,
                "EFT:XYZ LOCAL CORPORATION (ANDA20103H): INVOICE 4471 AND 4472"
            ),
            (
                "/CTC/401/CREDIT TRANSFER/BO/87654321/BO1/SMITH AND SONS PLC\n/PY/ROC/ORDER 778/RFB/E2E-778", "SMITH AND SONS PLC",
                "E2E-778",
                "ORDER 778 401/CREDIT TRANSFER"
            ),
        ] as [(String, String?, String?, String)])
    func readsTheWordsOfCitibank(narrative: String, name: String?, endToEndID: String?, words: String) throws {
        let told = try transaction(
            ":20:X\n:25:13041913\n:28:186/1\n:60F:C210920USD0,00\n:61:2109210921CD10,00NTRFNONREF//95223524\n:86:\(narrative)\n:62F:C210921USD10,00\n-"
        )
        #expect((told.counterpartyName, told.endToEndID, told.remittance) == (name, endToEndID, words))
    }

    private func bai2(_ details: String) throws -> BankEntry.Transaction {
        try transaction(
            "01,A,B,260105,0829,1,,,2/\n02,A,B,1,260105,,USD,/\n03,123,USD,/\n\(details)\n49,200,2/\n98,200,1,4/\n99,200,1,6/\n")
    }

    @Test func theOriginatorEndsWhereTheReferenceStarts() throws {
        let told = try bai2("16,195,200,0,R1,,FEDWIRE VIA: SOME BANK/121 B/O: SMITH AND SONS INC REF: CHASE NYC/CTR OBI=INV 778")
        #expect(told.counterpartyName == "SMITH AND SONS INC")
        #expect(told.remittance.hasSuffix("OBI=INV 778"))
    }

    /// Without a length in the file header, a line as long as a card is cut within a word.
    @Test func continuesTheWordThatACardCuts() throws {
        let full = "ALPHA CORP" + String(repeating: ".", count: 77 - 20) + "INV-123456"
        #expect(try bai2("16,195,200,0,R1,,\n88,\(full)\n88,789 THANKS").remittance.hasSuffix("INV-123456789 THANKS"))
        #expect(try bai2("16,195,200,0,R1,,\n88,\(full)7\n88,789 THANKS").remittance.hasSuffix("INV-1234567 789 THANKS"))
    }

    @Test func readsTheMemoThatContinuesAName() throws {
        let told = try transaction(
            "OFXHEADER:100\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD<BANKACCTFROM><ACCTID>1</BANKACCTFROM><BANKTRANLIST>\n"
                + "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260105<TRNAMT>10<FITID>1<NAME>ORIG CO NAME:ACME TOOL        OR"
                + "<MEMO>IG ID:1234567890 SEC:CTX IND ID:INV4471</STMTTRN></BANKTRANLIST></STMTRS></STMTTRNRS></OFX>")
        #expect(told.counterpartyName == "ACME TOOL")
        #expect(told.remittance == "ORIG CO NAME:ACME TOOL ORIG ID:1234567890 SEC:CTX IND ID:INV4471")
    }

    @Test func readsStatementsInTheEnvelopeOfTheCBI() throws {
        let whole = document(entry("12.20", rest: details("<RmtInf><Ustrd>Fatt 45/2024</Ustrd></RmtInf>")))
        let start = try #require(whole.firstRange(of: "<BkToCstmrStmt>")?.upperBound),
            end = try #require(whole.firstRange(of: "</BkToCstmrStmt>")?.lowerBound)
        let text =
            "<CBIBdyBkToCstmrStmtReq xmlns=\"urn:CBI:xsd:CBIBdyBkToCstmrStmtReq.00.01.02\"><CBIEnvelBkToCstmrStmtReq><CBIBkToCstmrStmtReq>"
            + "<CBIHdrSrv><Id>03069</Id></CBIHdrSrv><CBIBkToCstmrStmtReqLogMsg>\(whole[start..<end])</CBIBkToCstmrStmtReqLogMsg>"
            + "</CBIBkToCstmrStmtReq></CBIEnvelBkToCstmrStmtReq></CBIBdyBkToCstmrStmtReq>"
        let plain = try #require(try statements(of: whole).first), read = try #require(try statements(of: text).first)
        #expect(read.entries == plain.entries)
        #expect((read.header.format, read.header.account, read.closing) == ("camt.053", plain.header.account, plain.closing))
    }

    @Test func tellsForWhomAnotherPays() throws {
        let parties =
            "<RltdPties><Dbtr><Nm>Alpha Treasury</Nm></Dbtr><UltmtDbtr><Nm>Alpha West GmbH</Nm></UltmtDbtr></RltdPties>"
            + "<RmtInf><Ustrd>R-17</Ustrd></RmtInf>"
        let told = try #require(try statements(of: document(entry(rest: details(parties)))).first?.entries.first?.transactions.first)
        #expect((told.counterpartyName, told.remittance) == ("Alpha Treasury", "R-17 Alpha West GmbH"))
    }
}
