import Domain
import Formats
import Testing

/// Habits of banks of other countries, each in a file of its shape.
@Suite struct ForeignBankTests {
    private func entry(_ narrative: String, line: String = "2601050105C100,00NTRFNONREF") throws -> BankEntry {
        let text = ":20:S\n:25:1/2\n:28C:1/1\n:60F:C260101EUR0,\n:61:\(line)\n:86:\(narrative)\n:62F:C260105EUR100,\n"
        return try #require(try bankStatements(of: text).first?.entries.first)
    }

    private func transaction(_ narrative: String, line: String = "2601050105C100,00NTRFNONREF") throws -> BankEntry.Transaction {
        try #require(try entry(narrative, line: line).transactions.first)
    }

    @Test func keepsWhatSeveralNarrativesOfOneEntryTell() throws {
        let told = try transaction("/EREF/E-42/\n:86:/ORDP//NAME/JANSEN BV/\n:86:/REMI/USTD//FACTUUR 17/")
        #expect((told.endToEndID, told.counterpartyName, told.remittance) == ("E-42", "JANSEN BV", "FACTUUR 17"))
    }

    @Test func takesTheBanksReferenceFromTheNextLine() throws {
        let read = try entry("Invoice 17", line: "2601050105C100,00NTRFCUSTOMERREF-0017\n//BANKREF-99")
        #expect((read.reference, read.transactions.first?.endToEndID) == ("BANKREF-99", "CUSTOMERREF-0017"))
        #expect(read.transactions.first?.remittance == "Invoice 17")
    }

    @Test func readsAStructuredReferenceOfADutchBank() throws {
        let coded = try entry("/EREF/E-1/ORDP//NAME/JANSEN BV/REMI//CDTRREFTP//CD/SCOR/ISSR/CUR/CDTRREF/1234567899874563/ISDT/2026-01-05")
        let told = try #require(coded.transactions.first)
        #expect((told.structuredReference, told.remittance) == ("1234567899874563", ""))
        // The entry stays the entry that earlier readers took.
        #expect(coded.wording?.remittance == "CDTRREFTP//CD/SCOR/ISSR/CUR/CDTRREF/1234567899874563")
        let issued = try transaction("/TRTP/ACCEPTGIRO/NAME/JANSEN BV/REMI/ISSUER: CUR   REF: 4420043232693268/EREF/NOTPROVIDED")
        #expect((issued.structuredReference, issued.endToEndID) == ("4420043232693268", nil))
    }

    @Test func readsDutchLabelsBetweenBars() throws {
        let told = try transaction(
            "0001 SEPA Overboeking | IBAN: NL91ABNA0417164300 | BIC: ABNANL2A | Naam: Jansen BV | Omschrijving: factuur 17 | Kenmerk: E-1"
        )
        #expect((told.counterpartyName, told.counterpartyIBAN, told.endToEndID) == ("Jansen BV", "NL91ABNA0417164300", "E-1"))
        #expect(told.remittance.hasSuffix("factuur 17"))
    }

    @Test func namesThePayerBelowTheReferencesThatDanskeBankRepeats() throws {
        let told = try transaction(
            "DB faktura 1234567\nAlpha A/S\nHOLMENS KANAL 2-12\n1192  KOBENHAVN H", line: "2601050105CK2000,00NMSCDB faktura//1234567")
        #expect(told.counterpartyName == "Alpha A/S")
        #expect(told.remittance.contains("DB faktura 1234567"))
        let other = try transaction("DB faktura 99\nAlpha A/S", line: "2601050105CK2000,00NMSCDB faktura//1234567")
        #expect(other.counterpartyName == nil)
        #expect(try transaction("DB faktura 1234567\n17", line: "2601050105CK1,00NMSCDB faktura//1234567").counterpartyName == nil)
    }

    @Test func readsAnAccountOfHungaryOnALineOfItsOwn() throws {
        let read = try entry("BBK18D0000188142\n117730161111101800000000\nALPHA KFT.\n18175")
        let told = try #require(read.transactions.first)
        #expect((told.counterpartyIBAN, told.counterpartyName) == ("HU42117730161111101800000000", "ALPHA KFT."))
        #expect(told.remittance.contains("18175"))
        let wording = try #require(read.wording)
        #expect(wording.counterpartyNumber == nil)
        // Wrong check digits: any number.
        #expect(try transaction("BBK18D0000188142\n117730161111101800000001\nALPHA KFT.").counterpartyIBAN == nil)
    }

    @Test func readsPartyAndAccountOfNumberedLines() throws {
        let text =
            ":20:S\n:25:1/2\n:28:46\n:60F:C260101HUF0,\n:61:2601050105CF2402,00S   X\n:NS:01FACTURA 17\n15ALPHA BIZTOSITO ZRT. FIOKTE"
            + "\n16LEP\n17ATUTALAS\n3311773016\n341111101800000000\n:62F:C260105HUF2402,\n"
        let told = try #require(try bankStatements(of: text).first?.entries.first?.transactions.first)
        #expect((told.counterpartyName, told.counterpartyIBAN) == ("ALPHA BIZTOSITO ZRT. FIOKTELEP", "HU42117730161111101800000000"))
        #expect(told.remittance == "FACTURA 17")
        let german = try #require(
            try bankStatements(
                of: text.replacing("3311773016", with: "3320050550").replacing("341111101800000000", with: "341234567890")
            ).first?.entries.first?.transactions.first)
        #expect(german.counterpartyAccount == "20050550/1234567890")
    }

    @Test func readsSubFieldsOfABulgarianBank() throws {
        let told = try transaction(
            "TBB+00PREVOD F1460004654\\REZERVNI CHASTI +21F1460004654/26.07.2026 +30BFTBBGSF+31BG80BNBG96611020345678+32ALPHA OOD ")
        #expect((told.counterpartyName, told.counterpartyIBAN) == ("ALPHA OOD", "BG80BNBG96611020345678"))
        #expect(told.remittance == "F1460004654/26.07.2026 PREVOD F1460004654\\REZERVNI CHASTI")
    }

    @Test func readsAnAccountBehindANameOfARomanianBank() throws {
        let divided = try entry("035~20AMT RCD RON 100,00~25CVF 2026/0060~32ALPHA SRL~33RO49AAAA1B31007593840000")
        let told = try #require(divided.transactions.first)
        #expect((told.counterpartyName, told.counterpartyIBAN) == ("ALPHA SRL", "RO49AAAA1B31007593840000"))
        #expect(divided.wording.map { $0.counterpartyNumber == nil } == true)
        let plain = try transaction("Decontare -Platitor  ALPHA SRL  RO49AAAA1B31007593840000  CODFISC 0-Detalii  /ROC/FACT 17")
        #expect((plain.counterpartyName, plain.counterpartyIBAN) == ("ALPHA SRL", "RO49AAAA1B31007593840000"))
        let long = try transaction("035~20CVF 17~31RO49AAAA1B31007593840000~32ALPHA TRANSPORTURI~33DE NORD")
        #expect(long.counterpartyName == "ALPHA TRANSPORTURI DE NORD")
    }

    @Test func namesThePayerOfAnAfricanBank() throws {
        let told = try transaction("TRANSFERT DE FONDS RECUS\nREF12 trf b/o ALPHA TECHNOLOGY CO iro INVOICE 17 ifo OURS LTD")
        #expect(told.counterpartyName == "ALPHA TECHNOLOGY CO")
        #expect(try transaction("INWARD TRANSFER B/O 22956763990 IFO OURS LTD").counterpartyName == nil)
        #expect(try transaction("ship b/o goods of invoice 17").counterpartyName == nil)
    }

    @Test(
        arguments: [
            ("NEFT*HDFC0000001*N002260212345678*ALPHA TRADERS PVT LTD*INV17", "ALPHA TRADERS PVT LTD"),
            ("RTGS/UTIBR52026010300001234/ALPHA INDUSTRIES/UTIB0000001/INVOICE 18", "ALPHA INDUSTRIES"),
            ("UPI/CR/600312345678/ALPHA TRADERS/HDFC/alpha@okhdfc/INV 19", "ALPHA TRADERS"),
            ("NEFT CR-HDFC0000001-3M ALPHA LTD-OURS LTD-N002260212345678", "3M ALPHA LTD"),
            ("IMPS/P2A/600312345678/HDFC BANK/INV 17", nil), ("NEFT INWARD N002260212345678", nil),
            ("Received money from ALPHA LTD with reference INV 17", "ALPHA LTD"),
        ] as [(String, String?)])
    func namesThePayerThatAClearingTells(narrative: String, name: String?) throws {
        let told = try transaction(narrative)
        #expect((told.counterpartyName, told.remittance) == (name, narrative))
    }

    @Test func readsMarksInPlaceOfLineEnds() throws {
        let text =
            "@@:20:STARTUMS@@:25:57090000/1076103000@@:28C:2/1@@:60F:C260101EUR0,@@:61:2601050105CR5,00NMSCNONREF@@:86:166?00GUTSCHRIFT"
            + "?20RECHNUNG 17?32ALPHA GM@@BH@@:62F:C260105EUR5,@@@@:20:STARTUMS@@:25:57090000/1076103000@@:28C:3/1@@:60F:C260105EUR5,"
            + "@@:61:2601060106DR2,00NMSCNONREF@@:62F:C260106EUR3,@@"
        let read = try bankStatements(of: text)
        #expect(read.map(\.entries.count) == [1, 1])
        #expect(read.flatMap(\.findings) == [])
        #expect(read.first?.entries.first?.transactions.first?.remittance == "RECHNUNG 17")
    }

    @Test(arguments: [
        (
            "{1:F01A}{2:I103BXXXXN}{4:\n:20:R\n:23B:CRED\n:32A:260105USD100,\n:50K:ALPHA\n-}",
            "is MT103, no statement: ask the bank for MT940"
        ),
        (":20:C\n:21:D\n:25:6-9412771\n:13D:2601051426+0100\n:32A:260105USD500000,\n:50K:ALPHA\n", "is a message about one payment"),
    ])
    func saysThatAMessageAboutOnePaymentIsNoStatement(text: String, message: String) throws {
        let found = try fault { try withFile(text) { path in try readStatements(path, currency: .usd) { _ in } } }
        #expect(found?.message.hasPrefix(message) == true)
        #expect(found?.line != nil)
    }

    @Test(arguments: [
        ("0000018011872505        00099449  ALPHA COMPANY" + String(repeating: " ", count: 90) + "2\n", "is CODA of a Belgian bank"),
        ("110018123400012345672601012601312000000001000009783ALPHA SA\n22    1834\n", "is Norma 43 of a Spanish bank"),
        ("0115589    04831EUR2 99999999999  010626          0000000000000A\n", "is CFONB 120 of a French bank"),
        ("1CClientBankExchange\nVersion=1.03\n", "is an exchange file of 1C"),
    ])
    func namesTheStatementOfACountry(text: String, message: String) throws {
        let found = try fault { _ = try bankStatements(of: text) }
        #expect(found?.message.hasPrefix(message) == true, "\(found?.message ?? "read")")
        #expect(found?.message.hasSuffix("is wanted") == true)
    }

    @Test func saysThatAWorkbookIsNoStatement() throws {
        let bytes: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] + [UInt8](repeating: 0, count: 600)
        let found = try fault { _ = try withFile(bytes, bankStatements(at:)) }
        #expect(found?.message.hasPrefix("is an Excel workbook: save it as CSV") == true)
    }

    @Test func readsABalanceThatNamesNoSide() throws {
        let opening = balance("OPBD", "20.00").replacing("<CdtDbtInd>CRDT</CdtDbtInd>", with: "")
        let read = try #require(try statements(of: document(opening, balance("CLBD", "30.00"), CamtShape.credit)).first)
        #expect((read.opening?.minor, read.closing?.minor) == (20_00, 30_00))
        #expect(read.findings.map(\.message) == ["balance OPBD says neither CRDT nor DBIT: taken as a credit"])
    }

    @Test func namesTheBatchAndWhoStartedAPayment() throws {
        let batch = "<NtryDtls><Btch><MsgId>M-1</MsgId><PmtInfId>COLLECTION-77</PmtInfId><NbOfTxs>4</NbOfTxs></Btch></NtryDtls>"
        let read = try #require(
            try statements(of: document(CamtShape.credit(batch + "<AddtlNtryInf>Collection</AddtlNtryInf>"))).first?.entries.first)
        #expect(read.transactions.first?.remittance == "Collection COLLECTION-77")
        #expect(read.wording?.remittance == "Collection")
        let started = "<NtryDtls><TxDtls><RltdPties><InitgPty><Nm>ALPHA AS</Nm></InitgPty></RltdPties></TxDtls></NtryDtls>"
        let other = try #require(try statements(of: document(CamtShape.credit(started))).first?.entries.first)
        #expect(other.transactions.first?.counterpartyName == "ALPHA AS")
    }

    @Test(arguments: [("<AddtlInf>REJECT REVERSAL</AddtlInf>", "NARR"), ("<Rsn><Cd>AC04</Cd></Rsn><AddtlInf>Closed</AddtlInf>", "AC04")])
    func marksAReturnThatNamesNoReason(information: String, reason: String) throws {
        let returned = details("<RtrInf>\(information)</RtrInf><RmtInf><Ustrd>INV 17</Ustrd></RmtInf>")
        let read = try #require(try statements(of: document(CamtShape.credit(returned))).first?.entries.first)
        #expect(read.transactions.first?.returnReason == reason)
    }

    @Test func keepsWordsBesideTheRemittanceInformation() throws {
        let words = details(
            "<RmtInf><Ustrd>Faktura 17</Ustrd><AddtlRmtInf>Kunde 4711</AddtlRmtInf><AddtlRmtInf>Faktura 17</AddtlRmtInf></RmtInf>")
        let read = try #require(try statements(of: document(CamtShape.credit(words))).first?.entries.first)
        #expect((read.transactions.first?.remittance, read.wording?.remittance) == ("Faktura 17 Kunde 4711", "Faktura 17"))
    }

    @Test func readsPayerAndAccountOfABAI2Text() throws {
        func told(_ text: String) throws -> BankEntry {
            let file =
                "01,A,B,260105,0829,1,,1,2/\n02,A,B,1,260105,,USD,/\n03,123,USD,/\n16,195,200,0,,,\(text)\n49,200,2/\n98,200,1,4/\n"
            return try #require(try bankStatements(of: file).first?.entries.first)
        }
        let wire = try told(
            "RTP Incoming,From: ALPHA CORP, INC., Client Ref ID: R-1\n88,DBNM: BETA CORP\n88,DACT: 0212205\n88,DABA: 021000021")
        #expect(wire.transactions.first?.counterpartyName == "BETA CORP")
        #expect(wire.transactions.first?.counterpartyAccount == "021000021/0212205")
        #expect(wire.wording.map { $0.counterpartyNumber == nil } == true)
        let unlabelled = try told("Incoming Wire,From: ALPHA CORP, INC., Client Ref ID: R-1, GS ID: G-1")
        #expect(unlabelled.transactions.first?.counterpartyName == "ALPHA CORP, INC.")
        let ordered = try told("\n88,FR:FP SIP INCOMING\n88,TRID:RP123\n88,BI:22222222\n88,BO:11111111 BO1:ALPHA LTD")
        #expect(ordered.transactions.first?.counterpartyName == "ALPHA LTD")
    }

    @Test(
        arguments: [
            ("TRX", "0001ALPHA INC       01", "ALPHA INC", "CHK-17"), ("CTX", "0001ALPHA INC       01", "ALPHA INC", "CHK-17"),
            ("ACK", "ALPHA INCORPORATED    ", "ALPHA INCORPORATED", "CHK-17"), ("XCK", "CHECK1182726          ", nil, "CHK-17"),
            ("PPD", "ALPHA INC             ", "ALPHA INC", "CHK-17"),
        ] as [(String, String, String?, String)])
    func readsTheNameWhereTheEntryClassHasIt(entryClass: String, places: String, name: String?, number: String) throws {
        let told = try nacha(entryClass, "CHK-17         " + places)
        #expect((told.counterpartyName, told.endToEndID) == (name, number))
    }

    @Test func readsTheCheckOfATerminal() throws {
        let told = try nacha("POP", "123456   PHILPA" + "ALPHA INC             ")
        #expect((told.counterpartyName, told.endToEndID, told.checkNumber) == ("ALPHA INC", "123456", "123456"))
    }

    private func nacha(_ entryClass: String, _ places: String) throws -> BankEntry.Transaction {
        let lines = [
            "101 031300012 2313801042601051200A094101Some Bank              Our Company",
            "5225OUR COMPANY                         1512345678\(entryClass)PAYMENT   260105260106   1031300010000001",
            "627031300012987654           0000150000\(places)  0031300010000001",
        ]
        let padded = lines.map { $0 + String(repeating: " ", count: 94 - $0.count) }
        return try #require(try bankStatements(of: padded.joined(separator: "\n")).first?.entries.first?.transactions.first)
    }
}

/// A credit of ten euros.
private enum CamtShape {
    static var credit: String { credit("") }

    static func credit(_ rest: String) -> String { entry("10.00", rest: rest) }
}
