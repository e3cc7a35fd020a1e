import Domain
import Formats
import Testing

/// Every sample file of the other bank formats, with the figures that independent software found in it.
@Suite struct BankSampleTests {
    @Test(arguments: [
        ("ASNB-mt940.txt", "msgs=31 tx=8 sum=56.94 open=444.29 close=501.23 EUR balanced=31/31"),
        ("betterplace-sepa_snippet.sta", "msgs=2 tx=11 sum=-2143323.39 open=766656.49 close=-4472049.09 EUR balanced=1/2"),
        ("betterplace-with_binary_character.sta", "msgs=2 tx=4 sum=-179066.75 open=380115.77 close=131193.19 EUR balanced=2/2"),
        ("cmxl-mt940.sta", "msgs=3 tx=16 sum=12327.30 open=84349.74 close=50040.00 DEM,EUR,PLN balanced=3/3"),
        ("jejik-abnamro.sta", "msgs=2 tx=10 sum=-345.93 open=3236.28 close=1849.75 EUR balanced=0/2"),
        ("jejik-generic.sta", "msgs=2 tx=2 sum=-20.00 open=100.00 close=80.00 EUR balanced=2/2"),
        ("jejik-postfinance.sta", "msgs=2 tx=4 sum=159.40 open=0.00 close=159.60 CHF balanced=1/2"),
        ("jejik-rabobank-iban.sta", "msgs=2 tx=4 sum=-70.00 open=1000.00 close=930.00 EUR balanced=2/2"),
        ("jejik-triodos.sta", "msgs=1 tx=2 sum=-715.70 open=4975.09 close=4370.79 EUR balanced=0/1"),
        ("mBank-mt940.sta", "msgs=1 tx=3 sum=0.03 open=0.40 close=0.43 PLN balanced=1/1"),
        ("mBank-mt942.sta", "msgs=1 tx=3 sum=0.03 open=- close=- PLN balanced=0/0"),
        ("self-provided-details_60-63.sta", "msgs=1 tx=1 sum=-233.15 open=12345.12 close=12345.98 EUR balanced=0/1"),
        ("self-provided-february_30.sta", "msgs=1 tx=1 sum=-6.00 open=1200.00 close=1194.00 EUR balanced=1/1"),
        ("self-provided-gv_codes.sta", "msgs=1 tx=2 sum=-257.45 open=12345.12 close=- EUR balanced=0/0"),
        ("self-provided-multiline.sta", "msgs=1 tx=2 sum=114.00 open=16.40 close=11.40 EUR balanced=0/1"),
        ("self-provided-raphaelm.sta", "msgs=3 tx=9 sum=95000.00 open=0.00 close=95000.00 DEM balanced=3/3"),
        ("self-provided-whitespace.sta", "msgs=1 tx=1 sum=-233.15 open=12345.12 close=12345.98 EUR balanced=0/1"),
    ])
    func readsMT940(file: String, figures: String) throws {
        guard let path = sharedData("bank-mt940/\(file)") else { return }
        let read = try bankStatements(at: path)
        let proven = read.filter { $0.opening != nil && $0.closing != nil }
        let balanced = proven.count { statement in !statement.findings.contains { $0.message.hasPrefix("balances do not add up") } }
        let sum = read.flatMap(\.entries).map(\.amount.minor).reduce(0, +)
        let currencies = Set(read.compactMap(\.header.currency?.code)).sorted().joined(separator: ",")
        #expect(
            "msgs=\(read.count) tx=\(read.flatMap(\.entries).count) sum=\(Money(minor: sum, .eur).decimal) open=\(read.first?.opening?.decimal ?? "-") "
                + "close=\(read.last?.closing?.decimal ?? "-") \(currencies) balanced=\(balanced)/\(proven.count)" == figures)
        #expect(read.flatMap(\.entries).allSatisfy { ($0.citation?.line ?? 0) > 0 })
    }

    @Test(arguments: [
        ("moov-sample1.txt", ["10200123456 CAD tx=11 sum=0", "10200123456 CAD tx=6 sum=0"]),
        (
            "moov-sample3.txt",
            [
                "1111111 USD tx=6 sum=-100 open=-3500 close=-3600", "1111111 USD tx=0 sum=0 open=0 close=0",
            ]
        ),
    ])
    func readsBAI2(file: String, accounts: [String]) throws {
        guard let path = sharedData("bank-bai2/\(file)") else { return }
        let read = try bankStatements(at: path)
        #expect(read.count == (file.contains("1") ? 2 : 15))
        #expect(read.prefix(accounts.count).map(\.figures) == accounts)
        #expect(read.flatMap(\.findings) == [])
    }

    @Test(arguments: [
        ("ex-arc-debit.ach", "entries=1 D=250000 C=0 ret="), ("ex-boc-debit.ach", "entries=1 D=250000 C=0 ret="),
        ("ex-cor-read.ach", "entries=1 D=0 C=0 ret= noc=C01"), ("ex-dishonored-return.ach", "entries=2 D=48000 C=0 ret=R68,R68"),
        ("ex-ppd-credit.ach", "entries=1 D=0 C=100000000 ret="), ("ex-ppd-debit.ach", "entries=1 D=200000000 C=0 ret="),
        ("ex-ppd-mixedDebitCredit.ach", "entries=3 D=200000000 C=200000000 ret="), ("ex-rck-debit.ach", "entries=1 D=2400 C=0 ret="),
        ("ex-tel-debit.ach", "entries=1 D=50000 C=0 ret="), ("ex-web-credit.ach", "entries=1 D=0 C=10000 ret="),
        ("td-flattenBatchesOneBatchHeader.ach", "entries=3 D=0 C=300000 ret="), ("td-gl-debit.ach", "entries=1 D=100000000 C=0 ret="),
        ("td-ppd-debit-invalid-entryDetail-checkDigit.ach", "entries=1 D=100000000 C=0 ret= short=2"),
        ("td-ppd-mixedDebitCredit-invalid.ach", "entries=2 D=100000 C=100000 ret="),
        ("td-return-WEB.ach", "entries=2 D=12354 C=4565 ret=R01,R03"),
        ("td-short-line.ach", "entries=1 D=100000000 C=0 ret= short=1"), ("td-two-micro-deposits.ach", "entries=6 D=120 C=120 ret="),
        ("td-web-debit.ach", "entries=6 D=15000 C=26820 ret="),
    ])
    func readsNACHA(file: String, figures: String) throws {
        guard let path = sharedData("ach-nacha/\(file)") else { return }
        let read = try bankStatements(at: path)
        let statement = try #require(read.first)
        let minors = statement.entries.map(\.amount.minor), reasons = statement.entries.flatMap(\.transactions).compactMap(\.returnReason)
        let short = statement.findings.count { $0.message.contains("characters instead of 94") }
        let change = statement.findings.first { $0.message.hasPrefix("notification of change") }?.message.split(separator: " ")[3]
            .dropLast()
        #expect(read.count == 1)
        #expect(
            "entries=\(minors.count) D=\(-minors.filter { $0 < 0 }.reduce(0, +)) C=\(minors.filter { $0 > 0 }.reduce(0, +)) "
                + "ret=\(reasons.joined(separator: ","))" + (change.map { " noc=\($0)" } ?? "") + (short > 0 ? " short=\(short)" : "")
                == figures)
        #expect(!statement.findings.contains { $0.message.contains("stated") }, "\(statement.findings)")
    }

    @Test(arguments: [
        ("ofxparse-bank_medium.ofx", ["12300 000012345678 CAD tx=3 sum=-34527 close=38234"]),
        ("ofxparse-checking.ofx", ["1452687~7 USD tx=3 sum=-5950 close=10099"]),
        ("ofxparse-multiple_accounts.ofx", ["9100 USD tx=0 sum=0 close=11100", "9200 USD tx=0 sum=0 close=22200"]),
        ("deviations/chase-blank-line-before-header-none-after.qfx", ["0000123456 USD tx=1 sum=-1000 close=9000"]),
        ("deviations/etrade-charset-none-with-encoding-usascii.ofx", ["0000123456 USD tx=1 sum=-1000 close=9000"]),
        ("deviations/lcl-check-without-payee.ofx", ["0000123456 USD tx=1 sum=-1000 close=9000"]),
        ("deviations/unnamed-bank-amount-comma-decimal.ofx", ["0000123456 USD tx=1 sum=-200000 close=200000"]),
        ("deviations/unnamed-bank-blank-line-before-header.ofx", ["0000123456 USD tx=1 sum=-1000 close=9000"]),
        ("deviations/unnamed-bank-charset-8859-1-without-iso-prefix.qfx", ["0000123456 USD tx=1 sum=-1000 close=9000"]),
        ("deviations/unnamed-bank-tags-outside-spec.ofx", ["0000123456 USD tx=1 sum=-1000 close=9000"]),
        ("deviations/unnamed-bank-zero-date.ofx", ["0000123456 USD tx=1 sum=-1000 close=9000"]),
    ])
    func readsOFX(file: String, accounts: [String]) throws {
        guard let path = sharedData("bank-ofx/\(file)") else { return }
        #expect(try bankStatements(at: path).map(\.figures) == accounts)
    }

    @Test(arguments: [
        ("ofxparse-bank_small.ofx", "holds no statement (no STMTRS or CCSTMTRS)"),
        ("ofxparse-error_message.ofx", "the bank answered with an error: 2000 General Server Error"),
        ("deviations/unnamed-bank-empty-tags-curdef-fitid-name.ofx", "the statement names no currency: say it with --currency"),
    ])
    func refusesOFXWithoutStatement(file: String, message: String) throws {
        guard let path = sharedData("bank-ofx/\(file)") else { return }
        #expect(try fault { _ = try bankStatements(at: path) }?.message == message)
    }

    @Test func readsOFXWithEmptyTagsInAGivenCurrency() throws {
        for file in ["ofxparse-ofx-v102-empty-tags.ofx", "deviations/unnamed-bank-empty-tags-curdef-fitid-name.ofx"] {
            guard let path = sharedData("bank-ofx/\(file)") else { return }
            var entries: [BankEntry] = []
            try readStatements(path, currency: .usd) { if case .entry(let entry) = $0 { entries.append(entry) } }
            #expect(entries.count == 1, "\(file)")
            if file.hasPrefix("ofxparse") { #expect(entries.first?.amount.currency.code == "AUD") }
        }
    }
}

extension ReadStatement {
    var figures: String {
        "\(header.account) \(header.currency?.code ?? "-") tx=\(entries.count) sum=\(entries.map(\.amount.minor).reduce(0, +))"
            + (opening.map { " open=\($0.minor)" } ?? "") + (closing.map { " close=\($0.minor)" } ?? "")
    }
}
