import Domain
import Formats
import Testing

/// What payers' own exports do to a CSV table.
@Suite struct RemittanceTableTests {
    private func advice(_ text: String) throws -> RemittanceAdvice {
        let table = RemittanceTable(
            delimiter: ";", decimal: ",", currency: .eur, columns: [.document: "Nr", .paid: "Betrag", .reason: "Text", .deduction: "Abzug"])
        return try #require(try withFile(text) { try readRemittance($0, table: table) }.advices.first)
    }

    /// A comma-separated export needs no mapping where its headings are known.
    @Test func readsCommasByTheirHeadings() throws {
        let rows = "P1,INV-1,2025-12-01,\"1,000.00\",20.00,980.00,USD\nP1,INV-2,2025-12-02,50.00,0.00,50.00,USD\n"
        let text = "Payment Ref,Document Number,Doc Date,Amount,Cash Discount,Payment Amount,Currency\n" + rows
        let file = try withFile(text) { try readRemittance($0) }
        let told = try #require(file.advices.first)
        #expect((file.reader, told.currency, told.paymentReference?.value) == ("table", .usd, "P1"))
        #expect(told.lines.map(\.document.value) == ["INV-1", "INV-2"])
        #expect(told.lines.map(\.paid?.value.minor) == [980_00, 50_00])
        #expect((told.lines[0].gross?.value.minor, told.lines[0].discount?.value.minor) == (1_000_00, 20_00))
        #expect((told.lines[0].issuedOn?.value.iso8601, told.findings) == ("2025-12-01", []))
        let comma = text.replacing("1,000.00", with: "1.000,00")
        #expect(try fault { _ = try withFile(comma) { try readRemittance($0) } }?.message.contains("decimals behind") == true)
    }

    /// Who pays stands in a column of its own; what only begins like it is something else.
    @Test(arguments: [
        ("Payer", "Payer IBAN"), ("Payer Name", "Payer Account"), ("Auftraggeber", "Auftraggeber Konto"), ("Ordenante", "Ordenante IBAN"),
    ])
    func readsThePayersColumns(name: String, account: String) throws {
        let text =
            "Payment Ref,\(name),\(account),Payer reference,Document Number,Payment Amount\n"
            + "P1,Alpha Corp,DE89370400440532013000,X-9,INV-1,980.00\n"
        let told = try #require(try withFile(text) { try readRemittance($0, currency: .eur) }.advices.first)
        #expect(told.payerName?.value == "Alpha Corp" && told.payerIdentifiers.map(\.value) == ["DE89370400440532013000"])
        #expect((told.paymentReference?.value, told.lines.map(\.document.value)) == ("P1", ["INV-1"]))
    }

    @Test func readsAQuotedCellOverTwoLines() throws {
        let told = try advice("Export\nNr;Betrag;Text;Abzug\nR-1;10,00;\"zwei\nZeilen\";1,00\nR-2;5,00;;\n")
        #expect(told.lines.map(\.document.value) == ["R-1", "R-2"])
        #expect(told.lines[0].deductions.first?.reason?.value == "zwei Zeilen")
        let found = try fault { _ = try advice("Nr;Betrag;Text;Abzug\nR-1;10,00;\"offen;1,00\n") }
        #expect((found?.line, found?.message) == (2, "a quote opens here and never closes"))
    }

    @Test func joinsNoLinesAtAnInchMark() throws {
        let found = try fault { _ = try advice("Nr;Betrag;Text;Abzug\nR-1;10,00;5\" Rohr;\nR-2;5,00;3\" Rohr;\n") }
        #expect((found?.line, found?.message) == (2, "a quote opens here and never closes"))
    }

    @Test(arguments: [("-10,00", -1000), ("10,00-", -1000), ("(10,00)", -1000), ("\u{2212}10,00", -1000), ("1.234,50 EUR", 123450)])
    func readsEverySign(text: String, minor: Int64) throws {
        #expect(try advice("Nr;Betrag;Text;Abzug\nR-1;\(text);;\n").lines.first?.paid?.value.minor == minor)
    }

    @Test(arguments: [("Summe;15,00;;", 15_00, []), ("Total EUR;16,00;;", 16_00, ["the lines pay 15.00 EUR, the total is 16.00 EUR"])])
    func takesATotalForWhatItIs(row: String, total: Int64, findings: [String]) throws {
        let told = try advice("Nr;Betrag;Text;Abzug\nR-1;10,00;;\nR-2;5,00;;\n\(row)\n")
        #expect(told.lines.map(\.document.value) == ["R-1", "R-2"])
        #expect((told.total?.value.minor, told.findings.map(\.message)) == (total, findings))
    }

    @Test func findsAnAmountWithoutDocument() throws {
        let told = try advice("Nr;Betrag;Text;Abzug\nR-1;10,00;;\n;7,00;;\n\n")
        #expect(told.findings.map(\.message) == ["a line names no document: its amount 7,00 is left out"])
    }
}
