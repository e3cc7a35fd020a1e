import Domain
import Formats
import Testing

/// CSV files of banks, each read by a mapping as a statement.
@Suite struct StatementTableTests {
    private typealias Field = StatementTable.Field

    private func read(_ bytes: [UInt8], _ tables: [StatementTable], currency: Currency? = nil) throws -> ReadStatement {
        try withFile(bytes) { path in
            var statement: ReadStatement?
            try readStatements(path, currency: currency, tables: tables) { event in
                switch event {
                case .began(let header): statement = ReadStatement(header: header)
                case .entry(let entry): statement?.entries.append(entry)
                case .ended(let opening, let closing, let findings):
                    statement?.opening = opening
                    statement?.closing = closing
                    statement?.findings = findings
                }
            }
            return try #require(statement)
        }
    }

    private func read(_ text: String, _ table: StatementTable, currency: Currency? = nil) throws -> ReadStatement {
        try read(Array(text.utf8), [table], currency: currency)
    }

    /// German: semicolons, decimal comma, dotted days, lines before the header, the newest first, Latin 1, an entry that is not booked.
    private static let german = StatementTable(
        decimal: ",", dates: .dotted, account: "DE02120300000000202051", currency: .eur, pending: "Vorgemerkt",
        columns: [
            .bookedOn: ["Buchungstag"], .valueOn: ["Wertstellung"], .amount: ["Betrag"], .balance: ["Saldo"], .name: ["Name"],
            .iban: ["IBAN"], .text: ["Verwendungszweck", "Info"], .status: ["Status"],
        ])
    private static let germanText = """
        "Umsätze Girokonto, 30 Tage";"DE02120300000000202051"

        "Buchungstag";"Wertstellung";"Status";"Name";"IBAN";"Verwendungszweck";"Info";"Betrag";"Saldo"
        "08.01.26";"08.01.26";"vorgemerkt";"Später AG";"";"INV-9";"";"5,00";""
        "07.01.2026";"08.01.2026";"gebucht";"Müller GmbH";"DE89 3704 0044 0532 0130 00";"EREF+E-1 SVWZ+INV-2026-000001";"danke";"1.200,50";"1.290,50"
        "06.01.2026";"06.01.2026";"gebucht";"Bank";"";"Entgelt";"";"-10,00";"90,00"
        ;;;;;;;;
        "Endsaldo";;;;;;;;

        """

    @Test func readsAGermanFileNewestFirst() throws {
        let read = try read(decoded(Self.germanText), [Self.german])
        #expect(read.header.account == "DE02120300000000202051" && read.header.currency == .eur && read.header.format == "CSV")
        #expect(read.entries.map(\.amount.minor) == [5_00, 1_200_50, -10_00])
        #expect(read.entries.map(\.status) == [.pending, .booked, .booked])
        #expect(read.entries.map(\.bookedOn.iso8601) == ["2026-01-08", "2026-01-07", "2026-01-06"])
        #expect(read.entries[1].valueOn.iso8601 == "2026-01-08")
        let told = try #require(read.entries[1].transactions.first)
        #expect((told.counterpartyName, told.counterpartyIBAN, told.endToEndID) == ("Müller GmbH", "DE89370400440532013000", "E-1"))
        #expect(told.remittance == "INV-2026-000001 danke")
        #expect((read.opening?.minor, read.closing?.minor) == (100_00, 1_290_50))
        #expect(read.findings.map(\.message) == ["a row without a day is left out"])
    }

    /// As Windows-1252 writes it.
    private func decoded(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }

    @Test func aMarkOfUTF8DoesNotCount() throws {
        let read = try read([0xEF, 0xBB, 0xBF] + Array(Self.germanText.utf8), [Self.german])
        #expect(read.entries.count == 3 && read.entries[0].transactions.first?.counterpartyName == "Später AG")
    }

    /// A missing row is told by the balances.
    @Test func balancesProveTheRows() throws {
        let text = Self.germanText.replacing("\"1.200,50\"", with: "\"1.200,49\"")
        #expect(try read(text, Self.german).findings.contains { $0.message.hasPrefix(Finding.balanceGap) })
    }

    /// Credit and debit in columns of their own, commas, English days, no balance.
    @Test func readsColumnsOfCreditAndDebit() throws {
        let table = StatementTable(
            dates: .slashed, account: "20-20-15/12345678",
            columns: [.bookedOn: ["Date"], .credit: ["Paid in"], .debit: ["Paid out"], .text: ["Description"]])
        let text =
            "Date,Description,Paid out,Paid in\n05/01/2026,\"INV-1, \"\"thanks\"\"\",,\"1,200.50\"\n06/01/26,Fee,10.00,\n07/01/2026,Nil,0.00,0.00\n"
        let read = try read(text, table, currency: .gbp)
        #expect(read.entries.map(\.amount.minor) == [1_200_50, -10_00] && read.opening == nil)
        #expect(read.entries.first?.transactions.first?.remittance == "INV-1, \"thanks\"")
        #expect(read.findings.map(\.message) == ["a row without an amount is left out"])
    }

    /// The sign in a word, the account and the currency in columns; compact days.
    @Test(arguments: ["02 Jan 2026", "02-JAN-26", "\"Jan 2, 2026\"", "02/Jan/2026 10:15"]) func readsAMonthInLetters(day: String) throws {
        let table = StatementTable(account: "20-20-15/12345678", currency: .gbp, columns: [.bookedOn: ["Date"], .amount: ["Amount"]])
        #expect(try read("Date,Amount\n\(day),10.00\n", table).entries.first?.bookedOn.iso8601 == "2026-01-02")
    }

    @Test func readsASignInAWord() throws {
        let table = StatementTable(
            decimal: ",", dates: .compact,
            columns: [
                .bookedOn: ["Datum"], .amount: ["Bedrag"], .sign: ["Af Bij"], .account: ["Rekening"], .currency: ["Munt"],
                .text: ["Mededelingen"], .name: ["Naam"], .iban: ["Tegenrekening"], .reference: ["Volgnr"],
            ])
        let head = "\"Datum\",\"Naam\",\"Rekening\",\"Tegenrekening\",\"Af Bij\",\"Bedrag\",\"Munt\",\"Mededelingen\",\"Volgnr\"\n"
        let rows =
            "\"20260105\",\"Jansen\",\"NL91ABNA0417164300\",\"BE43068999999501\",\"Bij\",\"99,95\",\"EUR\",\"+++010/8068/17183+++\",\"1\"\n"
            + "\"20260106\",\"Bank\",\"NL91ABNA0417164300\",\"0123456\",\"Af\",\"2,00\",\"EUR\",\"kosten\",\"2\"\n"
        let read = try read(head + rows, table)
        #expect(read.header.account == "NL91ABNA0417164300" && read.entries.map(\.amount.minor) == [99_95, -2_00])
        #expect(read.entries.map(\.reference) == ["1", "2"])
        #expect(read.entries[0].transactions.first?.structuredReference == "010806817183")
        #expect(read.entries[1].transactions.first?.counterpartyAccount == "0123456")
        let mixed = rows + "\"20260106\",\"Bank\",\"NL02ABNA0123456789\",\"\",\"Af\",\"2,00\",\"EUR\",\"kosten\",\"3\"\n"
        #expect(try fault { _ = try self.read(head + mixed, table) }?.line == 4)
        let unknown = rows.replacing("\"Bij\"", with: "\"Om\"")
        #expect(try fault { _ = try self.read(head + unknown, table) }?.message == "Om says neither credit nor debit")
    }

    @Test(arguments: [
        ("05.01.2026", "12.50", 2, "amount 12.50 has its decimals behind another mark: the mapping says decimal = \",\""),
        ("05.01.2026", "1,234", 2, "amount 1,234 has more decimals than EUR: the mapping says decimal = \",\""),
        ("2026-13-05", "12,50", 2, "2026-13-05 is no day written as DD.MM.YYYY: see dates in the mapping"),
        ("05.01.2026", "99999999999999,00", 2, "amount 99999999999999.00 EUR is above the largest that may be entered"),
    ])
    func namesTheLineOfWhatCannotBeRead(day: String, amount: String, line: Int, message: String) throws {
        let table = StatementTable(
            decimal: ",", dates: .dotted, account: "1", currency: .eur, columns: [.bookedOn: ["Tag"], .amount: ["Betrag"]])
        let found = try fault { _ = try read("Tag;Betrag\n\(day);\(amount)\n", table) }
        #expect(found?.line == line && found?.message == message, "\(found?.message ?? "")")
    }

    @Test(
        arguments: [
            ("1.234,56", ",", "1234.56"), ("1.234", ",", "1234"), ("-1 234,5 EUR", ",", "-1234.5"), ("(12,00)", ",", "-12.00"),
            ("12,00-", ",", "-12.00"),
            ("1'234.50", ".", "1234.50"), ("1,234.50", ".", "1234.50"), ("12.5", ",", nil), ("1,5", ".", nil), ("\u{2212}3", ".", "-3"),
        ] as [(String, Character, String?)])
    func anAmountsDecimalsStandBehindTheMark(text: String, decimal: Character, minor: String?) throws {
        let table = StatementTable(decimal: decimal, account: "1", currency: .eur, columns: [.bookedOn: ["Day"], .amount: ["Amount"]])
        let text = "Day|Amount\n2026-01-05|\(text)\n"
        guard let minor else { return #expect(try fault { _ = try read(text, table) } != nil) }
        #expect(try read(text, table).entries.first?.amount.decimal == (Money(minor: cents(minor), .eur)).decimal)
    }

    private func cents(_ text: String) -> Int64 {
        let parts = text.split(separator: "."),
            decimals = parts.count > 1 ? parts[1] + String(repeating: "0", count: 2 - parts[1].count) : "00"
        return Int64(parts[0] + decimals) ?? 0
    }

    /// A file is read by the mapping whose columns it has; without one it is refused with its columns.
    @Test func theColumnsTellTheMapping() throws {
        let other = StatementTable(account: "X", currency: .usd, columns: [.bookedOn: ["Posted"], .amount: ["Sum"]])
        #expect(try read(Array(Self.germanText.utf8), [other, Self.german]).entries.count == 3)
        let found = try fault { _ = try read(Array(Self.germanText.utf8), [other]) }
        #expect(found?.message.hasPrefix("is CSV with the columns Buchungstag, ") == true)
        let camt = try withFile(document()) { path in try collectedCount(path, [other, Self.german]) }
        #expect(camt == 1)
    }

    private func collectedCount(_ path: String, _ tables: [StatementTable]) throws -> Int {
        var count = 0
        try readStatements(path, tables: tables) { if case .began = $0 { count += 1 } }
        return count
    }

    @Test(
        arguments: [
            ([.amount: ["A"]], "names no column booked_on"), ([.bookedOn: ["B"]], "names amount, or credit and debit, not both"),
            ([.bookedOn: ["B"], .amount: ["A"], .credit: ["C"]], "names amount, or credit and debit, not both"),
            ([.bookedOn: ["B"], .credit: ["C"], .sign: ["S"]], "names a sign, but no amount"),
            ([.bookedOn: ["B"], .amount: ["A"]], "names no account, neither as a setting nor as a column"),
            ([.bookedOn: ["B"], .amount: ["A"], .account: ["K"]], nil),
        ] as [([StatementTable.Field: [String]], String?)])
    func aMappingNamesWhatIsNeeded(columns: [StatementTable.Field: [String]], fault: String?) {
        #expect(StatementTable(columns: columns).fault == fault)
    }
}
