import Domain
import Formats
import Testing

/// What people and their programs write in mails and tables that say which invoices they pay.
@Suite struct RemittanceProseTests {
    private func advice(_ text: String) throws -> RemittanceAdvice {
        try #require(try withFile(text) { try readRemittance($0, currency: .eur).advices }.first)
    }

    private func minors(_ advice: RemittanceAdvice) -> [Int64?] { advice.lines.map(\.paid?.value.minor) }

    @Test(arguments: [
        "Beleg | Ihr Beleg | Betrag", "Belegnummer   Ihre Referenz   Betrag", "Document | Your document | Amount",
        "Ihr Beleg | Unser Beleg | Betrag", "Beleg Ihr Beleg Betrag",
    ])
    func readsTheColumnOfOurNumbers(heading: String) throws {
        let isFirst = heading.hasPrefix("Ihr ")
        let cells = isFirst ? ["RE-4711", "5100000017"] : ["5100000017", "RE-4711"]
        let start = heading.split(separator: "|").first.map { heading.contains("|") ? $0.count + 2 : 16 } ?? 16
        let row = cells[0].padding(start) + cells[1].padding(16) + "100,00"
        let told = try advice("Zahlungsavis EUR\n\n\(heading)\n\(row)\n")
        #expect(told.lines.map(\.document.value) == ["RE-4711"])
        #expect(minors(told) == [100_00])
    }

    @Test func aCreditWordIsItsOwnDocuments() throws {
        let told = try advice("Invoice INV-1 100.00, credit note CN-2 20.00, invoice INV-3 5.00\n")
        #expect(told.lines.map(\.kind) == [.invoice, .creditNote, .invoice])
        #expect(minors(told) == [100_00, -20_00, 5_00])
    }

    @Test(arguments: [("Total 80.00 EUR", -20_00), ("Total 120.00 EUR", 20_00), ("", -20_00), ("Total 500.00 EUR", -20_00)])
    func aCreditNoteLowersThePaymentUnlessTheTotalSaysOtherwise(total: String, minor: Int64) throws {
        let told = try advice("Invoice INV-1 100.00 EUR\nCredit note CN-2 20.00 EUR\n\(total)\n")
        #expect(minors(told) == [100_00, minor])
        let signed = try advice("Invoice INV-1 100.00 EUR\nCredit note CN-2 -20.00 EUR\n\(total)\n")
        #expect(minors(signed) == [100_00, -20_00])
    }

    @Test func anUnknownColumnIsNotThePayment() throws {
        let told = try advice(
            """
            Invoice      Gross       WHT 10%     Net
            INV-3001     5,000.00    500.00      4,500.00
            INV-3002     2,500.00    250.00      2,250.00
            Total USD    7,500.00    750.00      6,750.00
            """)
        #expect(minors(told) == [4_500_00, 2_250_00])
        #expect(told.lines.map { $0.deductions.map(\.amount.value.minor) } == [[500_00], [250_00]])
        #expect(told.total?.value == Money(minor: 6_750_00, .usd) && told.findings.isEmpty)
    }

    @Test(arguments: ["montants en EUR", "kwoty w PLN"])
    func blanksJoinThousandsWhereWiderGapsPartColumns(head: String) throws {
        let told = try advice(
            """
            Avis de virement du 05/04/2024 (\(head))

            Facture        Date         Montant     Escompte   Net payé
            FA2024-0112    31/01/2024   8 400,00       84,00   8 316,00
            FA2024-0119    12/02/2024   4 500,00       45,00   4 455,00
            Total                                              12 771,00
            """)
        #expect(minors(told) == [8_316_00, 4_455_00])
        #expect(told.total?.value.minor == 12_771_00 && told.findings.isEmpty)
    }

    @Test func currenciesOfAllPayersJoinThousands() throws {
        let told = try advice("Invoice   Amount\nINV-100234   15 625,00 SEK\nINV-100241   3 750,50 SEK\nTotal paid   19 375,50 SEK\n")
        #expect(minors(told) == [15_625_00, 3_750_50])
        #expect(told.total?.value.currency.code == "SEK", "what the file states goes before what the reader was told")
    }

    @Test func anotherCurrencyIsToldAndNeverTakenForOurs() throws {
        let told = try advice("Invoice   Amount\nINV-3001   5,000.00 EUR\nINV-3002   2,500.00 USD\nINV-3003   10.00 EUR\n")
        #expect(minors(told) == [5_000_00, 10_00])
        #expect(told.findings.contains { $0.message.contains("USD") })
    }

    @Test func aDayBehindANumberIsTheDocuments() throws {
        let told = try advice("Rechnung 4711 vom 03.11.2026 100,00 EUR\nRechnung 4712 04.11.2026 50,00 EUR\nZahlung am 20.11.2026\n")
        #expect(told.lines.map(\.issuedOn?.value.iso8601) == ["2026-11-03", "2026-11-04"])
        #expect(told.paidOn?.value.iso8601 == "2026-11-20")
        #expect(try advice("We pay invoice 4711 100.00 on 2026-11-20\n").paidOn?.value.iso8601 == "2026-11-20")
    }

    @Test(arguments: [
        ("Check number 445566 of account 9988776\n", "445566"), ("Our account 9988776, payment reference TRX-1 of 2026-11-20\n", "TRX-1"),
        ("Payment reference [TRX-77889].\n", "TRX-77889"), ("Our payment reference is <TRX-77889>, thank you\n", "TRX-77889"),
        ("Your 4711-A was paid by cheque\n", "4711-A"),
    ])
    func aReferenceStandsBehindItsWord(line: String, reference: String) throws {
        #expect(try advice(line + "Invoice INV-1 100.00 EUR\n").paymentReference?.value == reference)
    }

    @Test func readsTheHTMLOfAMailWhoseTextSaysNothing() throws {
        let mail = """
            From: =?UTF-8?B?TcO8bGxlcg==?= =?iso-8859-1?Q?_S=F6hne?= <ap@example.com>
            Content-Type: multipart/alternative; boundary=B

            --B
            Content-Type: text/plain

            This mail is to be read as HTML.
            --B
            Content-Type: text/html

            <table><tr><th>Invoice</th><th>Amount</th></tr><tr><td>INV-1</td><td>100.00 EUR</td></tr></table>
            --B--

            """
        let told = try advice(mail)
        #expect(told.lines.map(\.document.value) == ["INV-1"])
        #expect(told.payerName?.value == "Müller Söhne")
        #expect(told.payerName?.at.line == 1)
        let plain = "From: =?UTF-8?Q?M=C3=BCller?= <ap@example.com>\n\nInvoice INV-1 100.00 EUR\n"
        #expect(try advice(plain).payerName?.value == "Müller")
    }

    @Test func refusesTheOtherDecimalMark() throws {
        func read(_ amount: String, decimal: Character) throws -> Int64? {
            let table = RemittanceTable(delimiter: ";", decimal: decimal, currency: .eur, columns: [.document: "Nr", .paid: "Betrag"])
            return try withFile("Nr;Betrag\nR-1;\(amount)\n") { try readRemittance($0, table: table) }.advices.first?.lines.first?.paid?
                .value
                .minor
        }
        #expect(try read("1,234", decimal: ".") == 1234_00)
        #expect(try read("1.234,50", decimal: ",") == 1234_50)
        for (amount, mark) in [("1234,56", "."), ("12.5", ","), ("1.234,56", ".")] as [(String, Character)] {
            let found = try fault { _ = try read(amount, decimal: mark) }
            #expect(found?.line == 2)
            #expect(found?.message.hasPrefix("amount \(amount) has its decimals behind") == true)
        }
    }
}

extension String {
    fileprivate func padding(_ count: Int) -> String { self + String(repeating: " ", count: max(2, count - self.count)) }
}
