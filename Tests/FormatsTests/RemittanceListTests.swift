import Domain
import Formats
import Testing

/// Lists and sentences as accounts payable write them, pages of their programs, and mails that hold other mails.
@Suite struct RemittanceListTests {
    private func advices(_ text: String) throws -> [RemittanceAdvice] {
        try withFile(text) { try readRemittance($0, currency: .eur).advices }
    }

    private func minors(_ advice: RemittanceAdvice) -> [Int64?] { advice.lines.map(\.paid?.value.minor) }

    @Test func readsAListWithWhatIsTakenOffAndWhatIsHeld() throws {
        let told = try advices(
            """
            From: Accounts Payable [mailto:ap@harbor.example]
            Sent: Monday, March 4, 2024 3:15 PM
            To: AR
            Subject: ACH remittance

            We've sent an ACH payment of $18,422.10 today, trace 091000019876543, covering:

            INV 88120 - $9,999.99
            INV 88134 - $8,750.11 (less $250.00 freight claim per CM request 5567)
            INV 88150 - $1,922.00
            less CM-4410 - $2,000.00

            Note: INV 88161 for $3,300.00 is on hold pending POD and is not included.
            INV 88163 $500.00 - not included
            """
        )
        let advice = try #require(told.first)
        #expect(told.count == 1)
        #expect(advice.lines.map(\.document.value) == ["88120", "88134", "88150", "CM-4410"])
        #expect(minors(advice) == [9_999_99, 8_500_11, 1_922_00, -2_000_00])
        #expect(advice.lines[1].deductions.map(\.amount.value.minor) == [250_00])
        #expect((advice.total?.value.minor, advice.paymentReference?.value) == (18_422_10, "091000019876543"))
        #expect((advice.payerName?.value, advice.paidOn?.value.iso8601) == ("Accounts Payable", "2024-03-04"))
        #expect(advice.findings.map(\.line) == [13, 14])
    }

    @Test(arguments: [
        "Invoice 12345 $500.00 less CM-1 - $300\nTotal payment $200.00\n",
        "Payment of $200.00 was sent today\nInvoice 12345 $500.00\nless credit memo CM-1 $300.00\n",
        "Invoice 12345 $500.00, less credit memo CM-1 $300.00\non hold / not included: 12348\nTotal $200.00\n",
        "Invoice 12345 $500.00\nCM-1 ($300.00)\nTotal $200.00\n",
    ])
    func takesACreditMemoOff(text: String) throws {
        let advice = try #require(try advices(text).first)
        #expect(advice.lines.map(\.document.value) == ["12345", "CM-1"])
        #expect(minors(advice) == [500_00, -300_00])
        #expect(advice.lines.map(\.kind) == [.invoice, .creditNote])
        #expect((advice.total?.value.minor, advice.currency, advice.findings) == (200_00, .usd, []))
    }

    @Test func leavesOutAListOfWhatIsNotPaid() throws {
        let advice = try #require(
            try advices("Invoice INV-1 100.00\n\nOn hold / not included:\nInvoice INV-2 50.00\nINV-3 7.00\n\nInvoice INV-4 5.00\n").first)
        #expect(advice.lines.map(\.document.value) == ["INV-1", "INV-4"])
        #expect(advice.findings.map(\.line) == [4, 5])
    }

    @Test func tellsWhatItDoesNotUnderstand() throws {
        let advice = try #require(try advices("Invoice      Amount\nINV-1        100.00\nBank charges  -5.00\nTotal         95.00\n").first)
        #expect(minors(advice) == [100_00])
        #expect(
            advice.findings.map(\.message) == [
                "an amount without a document, left out: Bank charges -5.00", "the lines pay 100.00 EUR, the total is 95.00 EUR",
            ])
        #expect(advice.findings.first?.line == 3)
    }

    @Test(arguments: ["Gross amount", "Bruttobetrag", "Amount"])
    func paysGrossLessWhatIsDeducted(heading: String) throws {
        let advice = try #require(
            try advices(
                """
                Payment document 1500004402   Date 31.05.2024

                Document     Reference     Date        Deductions    \(heading)
                5105600123   INV0045112    12.04.2024        0,00     11.900,00
                5105600124   INV0045127    19.04.2024      238,00     11.900,00
                Carried forward                           238,00     23.800,00

                Document     Reference     Date        Deductions    \(heading)
                Brought forward                           238,00     23.800,00
                1900001182   GS-7781       25.04.2024        0,00      1.190,00-

                Payment amount  EUR  22.372,00
                """
            ).first)
        #expect(advice.lines.map(\.document.value) == ["INV0045112", "INV0045127", "GS-7781"])
        #expect(minors(advice) == [11_900_00, 11_662_00, -1_190_00])
        #expect(advice.lines[1].deductions.map(\.amount.value.minor) == [238_00])
        #expect((advice.paymentReference?.value, advice.total?.value.minor, advice.findings) == ("1500004402", 22_372_00, []))
    }

    @Test func readsARowOverTwoLines() throws {
        let advice = try #require(
            try advices(
                "Rechnung     Datum        Skonto      Betrag\nR-1001       12.04.2024\n                           10,00      490,00\nSumme 490,00\n"
            )
            .first)
        #expect(advice.lines.map(\.document.value) == ["R-1001"])
        #expect(advice.lines.map(\.discount?.value.minor) == [10_00])
    }

    @Test func partsPaymentsByNumber() throws {
        let read = try advices(
            """
            From: AP Shared Service <noreply@globex.example>
            Subject: Payments

            Payment number: 7700123
            Payment date:   05/10/2024

            Invoice        Inv Date    Gross        Discount   Net
            US-20911       04/22/2024  10,000.00    200.00     9,800.00
            Payment total                                  USD 9,800.00

            Payment number: 7700124
            Payment date:   05/11/2024

            Invoice        Inv Date    Gross        Discount   Net
            EU-30011       04/25/2024   2,400.00      0.00     2,400.00
            Payment total                                  EUR 2,400.00
            """)
        #expect(read.map(\.paymentReference?.value) == ["7700123", "7700124"])
        #expect(read.map(\.currency) == [.usd, .eur])
        #expect(read.map(\.total?.value.minor) == [9_800_00, 2_400_00])
        #expect(read.map { minors($0) } == [[9_800_00], [2_400_00]])
        #expect(read.map(\.paidOn?.value.iso8601) == ["2024-05-10", "2024-05-11"])
        #expect(read.map(\.payerName?.value) == ["AP Shared Service", "AP Shared Service"])
        #expect(read.flatMap(\.findings) == [])
    }

    @Test func partsPaymentsByTotals() throws {
        let table = "Invoice  Amount\nINV-1    100.00\nINV-2    20.00\nTotal    120.00\n\nInvoice  Amount\nINV-3    7.00\nTotal    7.00\n"
        let read = try advices(table)
        #expect(read.map { $0.lines.map(\.document.value) } == [["INV-1", "INV-2"], ["INV-3"]])
        #expect(read.map(\.total?.value.minor) == [120_00, 7_00])
        #expect(read.flatMap(\.findings).count == 2)
        // A sum of all is one payment with sums of its pages.
        #expect(try advices(table + "Grand total 127.00\n").map(\.lines.count) == [3])
    }

    @Test func partsPaymentsOfACSVFile() throws {
        let table = RemittanceTable(
            currency: .usd, columns: [.document: "Invoice", .paid: "Paid", .reference: "Payment", .currency: "Currency"])
        let text =
            "Payment,Invoice,Paid,Currency\nP-1,INV-1,10.00,USD\nP-2,INV-2,20.00,USD\nP-1,INV-3,5.00,USD\nP-2,INV-4,1.00,EUR\n,Subtotal,36.00,\n"
        let read = try withFile(text) { try readRemittance($0, table: table) }.advices
        #expect(read.map(\.paymentReference?.value) == ["P-1", "P-2", "P-2"])
        #expect(read.map(\.currency) == [.usd, .usd, .eur])
        #expect(read.map { $0.lines.map(\.document.value) } == [["INV-1", "INV-3"], ["INV-2"], ["INV-4"]])
    }

    private static let avis = "Rechnung 20240117   1.190,00 EUR\nGutschrift 20240130   190,00 EUR\nGesamt   1.000,00 EUR\n"

    @Test(arguments: ["", "> "]) func namesThePayerOfAForwardedMail(quote: String) throws {
        let inner = "Von: Kreditoren <avis@huber.example>\nGesendet: Dienstag, 14. Mai 2024 16:05\nAn: Anna\nBetreff: Avis\n\n" + Self.avis
        let quoted = inner.split(separator: "\n", omittingEmptySubsequences: false).map { quote + $0 }.joined(separator: "\n")
        let advice = try #require(
            try advices("From: Anna <anna@florin.example>\nSubject: WG: Avis\n\nBitte buchen.\n\n" + quoted).first)
        #expect(advice.payerName == Cited("Kreditoren", Citation(line: 6, columns: 6 + quote.count..<16 + quote.count)))
        #expect(advice.paidOn?.value.iso8601 == "2024-05-14")
        #expect(minors(advice) == [1_190_00, -190_00])
        #expect(advice.findings == [])
    }

    @Test func readsNoQuotedMailTwice() throws {
        let told = try advices(
            "From: Kreditoren <avis@huber.example>\nSubject: AW: Zahlung\n\n" + Self.avis
                + "\nAm 14.05.2024 schrieb Florin:\n> Rechnung 20240117   1.190,00 EUR\n> Rechnung 20240118   5,00 EUR\n")
        #expect(told.map { minors($0) } == [[1_190_00, -190_00]])
        #expect(told.first?.payerName?.value == "Kreditoren")
        #expect(told.first?.findings.map(\.message) == ["a mail that is quoted from here on: left out"])
    }

    @Test func emptyCellsOfAMailKeepTheirColumns() throws {
        let mail = """
            From: Alpha <ap@alpha.example>
            Content-Type: text/html

            <table><tr><th>Invoice</th><th>Discount</th><th>Deduction</th><th>Paid</th></tr>
            <tr><td>INV-1</td><td></td><td>5.00</td><td>95.00</td></tr><tr><td>INV-2</td><td>2.00</td><td></td><td>98.00</td></tr>
            <tr><td colspan="3">Total</td><td>193.00</td></tr></table>

            """
        let advice = try #require(try advices(mail).first)
        #expect(advice.lines.map(\.discount?.value.minor) == [nil, 2_00])
        #expect(advice.lines.map { $0.deductions.map(\.amount.value.minor) } == [[5_00], []])
        #expect(minors(advice) == [95_00, 98_00])
        #expect((advice.total?.value.minor, advice.findings) == (193_00, []))
    }
}
