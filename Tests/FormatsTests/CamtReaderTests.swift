import Domain
import Formats
import Testing

@Suite struct CamtReaderTests {
    private func only(_ document: String) throws -> BankEntry {
        let entries = try statements(of: document).flatMap(\.entries)
        return try #require(entries.count == 1 ? entries.first : nil)
    }
    private func eur(_ minor: Int64) -> Money { Money(minor: minor, .eur) }

    @Test func readsHeaderAndPlainEntry() throws {
        let read = try statements(of: document(balance("OPBD", "5"), balance("CLBD", "5", "DBIT"), entry("10", "DBIT")))
        #expect(
            read.map(\.header) == [
                StatementHeader(
                    format: "camt.053.001.08", id: "S-1", account: "DE02300606010002474689", currency: .eur,
                    createdOn: Day("2026-01-31"))
            ])
        let day = try #require(Day("2026-01-30"))
        #expect(
            read[0].entries == [
                BankEntry(amount: eur(-1000), bookedOn: day, valueOn: day, transactions: [.init(amount: eur(-1000))])
            ])
        #expect((read[0].opening, read[0].closing) == (eur(500), eur(-500)))
        #expect(read[0].findings.isEmpty)
    }

    @Test func readsWithPrefixAndInOldAndUnknownVersions() throws {
        let plain = document(entry(status: "BOOK"))
        let prefixed = plain.split(separator: "<").map { part in
            part.hasPrefix("?") ? "<" + part : part.hasPrefix("/") ? "</c:" + part.dropFirst() : "<c:" + part
        }.joined().replacing("xmlns=", with: "xmlns:c=")
        for text in [plain, prefixed] + ["02", "13", "99"].map({ document(version: $0, entry(status: "BOOK")) }) {
            #expect(try only(text).amount == eur(1000))
        }
    }

    @Test(
        arguments: [
            ("<Cd>BOOK</Cd>", .booked), ("BOOK", .booked), ("<Cd>PDNG</Cd>", .pending), ("<Cd>FUTR</Cd>", .pending),
            ("<Cd>INFO</Cd>", .information), ("<Cd>ODD</Cd>", .information), ("", .booked),
        ] as [(String, BankEntry.Status)])
    func readsStatus(text: String, status: BankEntry.Status) throws {
        #expect(try only(document(entry(status: text))).status == status)
    }

    @Test(arguments: [
        ("<BookgDt><Dt>2026-01-05</Dt></BookgDt><ValDt><Dt>2026-01-06</Dt></ValDt>", "2026-01-05", "2026-01-06"),
        ("<BookgDt><DtTm>2026-01-05T23:59:59+01:00</DtTm></BookgDt>", "2026-01-05", "2026-01-05"),
        ("<ValDt><Dt>2026-01-06+01:00</Dt></ValDt>", "2026-01-06", "2026-01-06"),
        ("<BookgDt><Dt>2026-02-28</Dt></BookgDt><ValDt><Dt>2026-02-30</Dt></ValDt>", "2026-02-28", "2026-02-28"),
        ("", "2026-01-31", "2026-01-31"),
    ])
    func readsDates(dates: String, bookedOn: String, valueOn: String) throws {
        let read = try only(document(entry(dates: dates)))
        #expect((read.bookedOn, read.valueOn) == (try #require(Day(bookedOn)), try #require(Day(valueOn))))
    }

    @Test(
        arguments: [
            ("8.850", 885, nil), ("8.85500", 886, "8.86"), ("8.8549", 885, "8.85"), ("0.005", 1, "0.01"), ("12", 1200, nil),
        ] as [(String, Int64, String?)])
    func readsAmountsExactly(text: String, minor: Int64, taken: String?) throws {
        let read = try statements(of: document(entry(text)))[0]
        #expect(read.entries[0].amount == eur(minor))
        #expect(
            read.findings
                == (taken.map { [Finding(line: 5, "amount \(text) EUR has more decimals than the currency: taken as \($0)")] } ?? []))
    }

    @Test func readsReversalAndReference() throws {
        let both = "<RvslInd>true</RvslInd><NtryRef>N</NtryRef><AcctSvcrRef>A</AcctSvcrRef>"
        let read = try only(document(entry("7", "CRDT", rest: both)))
        #expect((read.isReversal, read.reference, read.amount) == (true, "A", eur(700)))
        #expect(try only(document(entry(rest: "<NtryRef>N</NtryRef>"))).reference == nil)
    }

    @Test(
        arguments: [
            ("<Amt Ccy=\"EUR\">4.00</Amt>", [400]), ("<Amt Ccy=\"USD\">4.00</Amt>", [1000]), ("", [1000]),
            ("<AmtDtls><TxAmt><Amt Ccy=\"EUR\">4</Amt></TxAmt></AmtDtls>", [400]),
            ("<AmtDtls><InstdAmt><Amt Ccy=\"USD\">5</Amt></InstdAmt><TxAmt><Amt Ccy=\"EUR\">4</Amt></TxAmt></AmtDtls>", [400]),
            ("<AmtDtls><InstdAmt><Amt Ccy=\"EUR\">3</Amt></InstdAmt></AmtDtls>", [300]),
            ("<Amt Ccy=\"EUR\">4</Amt><CdtDbtInd>DBIT</CdtDbtInd>", [-400]),
            ("</TxDtls><TxDtls>", [nil, nil]), ("<Amt Ccy=\"EUR\">6</Amt></TxDtls><TxDtls>", [600, nil]),
        ] as [(String, [Int64?])])
    func readsTransactionAmounts(text: String, minors: [Int64?]) throws {
        #expect(try only(document(entry(rest: details(text)))).transactions.map { $0.amount?.minor } == minors)
    }

    @Test func readsPartiesOfTheOtherSide() throws {
        let own = "<Id><IBAN>DE02300606010002474689</IBAN></Id>"
        let parties = """
            <RltdPties><Dbtr><Pty><Nm>Payer</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>FR76 3000</IBAN></Id></DbtrAcct>\
            <Cdtr><Nm>Payee</Nm></Cdtr><CdtrAcct><Id><Othr><Id>12-3</Id></Othr></Id></CdtrAcct></RltdPties>
            """
        func other(_ sign: String, _ text: String, _ more: String = "") throws -> [String?] {
            let found = try only(document(entry("10", sign, rest: more + details(text)))).transactions[0]
            return [found.counterpartyName, found.counterpartyIBAN ?? found.counterpartyAccount]
        }
        let returned = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
        #expect(try other("CRDT", parties) == ["Payer", "FR763000"])
        #expect(try other("DBIT", parties) == ["Payee", "12-3"])
        #expect(try other("DBIT", parties + returned) == ["Payer", "FR763000"])
        #expect(try other("DBIT", parties, "<RvslInd>true</RvslInd>") == ["Payer", "FR763000"])
        #expect(try other("DBIT", "<RltdPties><UltmtCdtr><Nm>Last</Nm></UltmtCdtr></RltdPties>") == ["Last", nil])
        #expect(try other("CRDT", "<RltdPties><Cdtr><Nm>We</Nm></Cdtr></RltdPties>") == [nil, nil])
        let swapped = "<RltdPties><Dbtr><Nm>We</Nm></Dbtr><DbtrAcct>\(own)</DbtrAcct><Cdtr><Nm>They</Nm></Cdtr></RltdPties>"
        #expect(try other("CRDT", swapped) == ["They", nil])
        // Two banks may give the same number.
        for (agent, bank) in [
            ("<BICFI>BARCGB22</BICFI>", "BARCGB22/"), ("<BIC>BARCGB22</BIC>", "BARCGB22/"), ("<Nm>Bank</Nm>", ""),
            ("<BICFI>BARCGB22</BICFI><ClrSysMmbId><MmbId>20 20 15</MmbId></ClrSysMmbId>", "202015/"),
        ] {
            let agents = "<RltdAgts><CdtrAgt><FinInstnId>\(agent)</FinInstnId></CdtrAgt></RltdAgts>"
            #expect(try other("DBIT", parties + agents) == ["Payee", bank + "12-3"])
        }
        let misplaced = parties.replacing("12-3", with: "DE89370400440532013000")
        #expect(
            try only(document(entry("10", "DBIT", rest: details(misplaced)))).transactions[0].counterpartyIBAN == "DE89370400440532013000")
    }

    @Test(arguments: [
        ("<RmtInf><Ustrd>a &amp; b</Ustrd><Ustrd> c </Ustrd></RmtInf><AddtlTxInf>T</AddtlTxInf>", "a & b c", nil),
        ("<RmtInf><Strd><CdtrRefInf><Ref>RF18</Ref></CdtrRefInf></Strd></RmtInf>", "", "RF18"),
        ("<RmtInf><Ustrd>x</Ustrd><Strd><RfrdDocInf><Nb>INV-1</Nb></RfrdDocInf></Strd></RmtInf>", "x INV-1", nil),
        ("<RmtInf><Ustrd><![CDATA[a<b]]></Ustrd></RmtInf>", "a<b", nil),
        ("<AddtlTxInf>T</AddtlTxInf>", "T", nil), ("", "E", nil),
        ("<RmtInf><Ustrd>see below</Ustrd></RmtInf><AddtlTxInf>RE 2026-99</AddtlTxInf>", "see below RE 2026-99", nil),
        ("<RmtInf><Ustrd>RE 2026-99 and more</Ustrd></RmtInf><AddtlTxInf>CREDIT RE 2026-99</AddtlTxInf>", "RE 2026-99 and more", nil),
        ("<RmtInf><Strd><CdtrRefInf><Ref>VS:2026001234</Ref></CdtrRefInf></Strd></RmtInf>", "", "2026001234"),
        (
            "<RmtInf><Strd><CdtrRefInf><Ref>KS:0308</Ref></CdtrRefInf></Strd>"
                + "<Strd><CdtrRefInf><Ref>VS:77</Ref></CdtrRefInf></Strd></RmtInf>",
            "VS:77", "77"
        ),
    ])
    func readsRemittance(text: String, remittance: String, reference: String?) throws {
        let read = try only(document(entry(rest: details(text) + "<AddtlNtryInf>E</AddtlNtryInf>"))).transactions[0]
        #expect((read.remittance, read.structuredReference) == (remittance, reference))
    }

    /// Numbers that are added to the words make no other entry.
    @Test func keepsTheWordsThatMakeAnEntryAnother() throws {
        let text = "<RmtInf><Ustrd>see below</Ustrd></RmtInf><AddtlTxInf>RE 2026-99</AddtlTxInf>"
        #expect(try only(document(entry(rest: details(text)))).wording?.remittance == "see below")
        #expect(try only(document(entry(rest: details("<RmtInf><Ustrd>RE 1</Ustrd></RmtInf>")))).wording == nil)
    }

    @Test func readsReferencesAndReturnReason() throws {
        let text =
            "<Refs><EndToEndId>NOTPROVIDED</EndToEndId><MndtId>M-1</MndtId></Refs>"
            + "<RtrInf><Rsn><Prtry>914</Prtry></Rsn></RtrInf>"
        let read = try only(document(entry(rest: details(text)))).transactions[0]
        #expect((read.endToEndID, read.mandateID, read.returnReason) == (nil, "M-1", "914"))
    }
}

@Suite struct CamtCheckTests {
    private func findings(_ parts: String...) throws -> [String] {
        try statements(of: document(parts.joined(separator: "\n")))[0].findings.map(\.message)
    }

    @Test func findsBalancesThatDoNotAddUp() throws {
        #expect(
            try findings(balance("OPBD", "18.15"), balance("CLBD", "27.00", "DBIT"), entry("8.85")) == [
                "balances do not add up: opening 18.15 + entries 8.85 = 27.00, closing −27.00 EUR, difference −54.00"
            ])
        let pending = entry("5", status: "<Cd>PDNG</Cd>")
        #expect(try findings(balance("PRCD", "1"), balance("CLBD", "11"), entry("10"), pending) == [])
        func closing(_ amount: String, on day: String) -> String {
            balance("CLBD", amount).replacing("</Bal>", with: "<Dt><Dt>\(day)</Dt></Dt></Bal>")
        }
        let daily = [closing("5", on: "2026-01-29"), closing("11", on: "2026-01-31"), closing("7", on: "2026-01-30")].joined()
        #expect(try findings(balance("OPBD", "1"), daily, entry("10")) == [])
        #expect(try findings(balance("PRCD", "2"), balance("OPBD", "1"), balance("CLBD", "11"), entry("10")) == [])
        #expect(try findings(balance("OPAV", "2"), balance("CLBD", "11"), entry("10")) == [])
    }

    @Test func findsSummariesThatDisagree() throws {
        func summary(_ text: String) -> String { "<TxsSummry>\(text)</TxsSummry>" }
        let right = summary(
            "<TtlNtries><NbOfNtries>2</NbOfNtries><Sum>13.00</Sum>"
                + "<TtlNetNtry><Amt>7</Amt><CdtDbtInd>CRDT</CdtDbtInd></TtlNetNtry></TtlNtries>"
                + "<TtlCdtNtries><Sum>10</Sum></TtlCdtNtries><TtlDbtNtries><NbOfNtries>1</NbOfNtries></TtlDbtNtries>")
        #expect(try findings(right, entry("10"), entry("3", "DBIT")) == [])
        let wrong = summary(
            "<TtlNtries><NbOfNtries>3</NbOfNtries><Sum>12.5</Sum>"
                + "<TtlNetNtryAmt>7</TtlNetNtryAmt><CdtDbtInd>DBIT</CdtDbtInd></TtlNtries>")
        #expect(
            try findings(wrong, entry("10"), entry("3", "DBIT")) == [
                "TxsSummry/TtlNtries: 3 entries stated, 2 found",
                "TxsSummry/TtlNtries: sum 12.50 stated, 13.00 computed, difference −0.50",
                "TxsSummry/TtlNtries: net −7.00 stated, 7.00 computed, difference −14.00",
            ])
    }

    @Test func findsTransactionsThatDoNotMakeTheirEntry() throws {
        let two = details("<Amt Ccy=\"EUR\">6</Amt>", "<Amt Ccy=\"EUR\">3.5</Amt>")
        #expect(
            try findings(entry("10", rest: two)) == [
                "transactions do not add up to their entry: sum 9.50, entry 10.00 EUR, difference 0.50"
            ])
    }

    @Test func keepsAtMostAHundredFindings() throws {
        let found = try findings(String(repeating: entry("0.001"), count: 150))
        #expect(found.count == 101)
        #expect(found.last == "50 more findings left out")
    }
}
