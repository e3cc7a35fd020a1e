import Domain
import Formats
import Testing

/// What payers of many countries call the parts of their advices, in tables, lists and labels.
@Suite struct RemittanceLanguageTests {
    private func advice(_ text: String) throws -> RemittanceAdvice {
        try #require(try withFile(text) { try readRemittance($0, currency: .eur).advices }.first)
    }

    private func documents(_ advice: RemittanceAdvice) -> [String] { advice.lines.map(\.document.value) }

    private func minors(_ advice: RemittanceAdvice) -> [Int64?] { advice.lines.map(\.paid?.value.minor) }

    @Test(arguments: [
        "Fakturanr    Fakturadatum   Belopp       \n%Summa: 125,50",
        "Fakturanr    Fakturadato    Beløb        \n%I alt 125,50", "Fakturanr    Forfallsdato   Beløp        \n%Sum total 125,50",
        "Laskun nro   Päivä          Summa        \n%Yhteensä 125,50",
        "Nr faktury   Data wyst.     Kwota        \n%Razem 125,50", "Faktura č.   Datum          Částka       \n%Celkem 125,50",
        "Fatura no    Tarih          Tutar        \n%Toplam 125,50", "Fatura n.º   Data           Valor        \n%Total 125,50",
        "N. fatt.     Data           Importo      \n%Totale 125,50", "Nº fra.      Fecha          Importe      \n%Total 125,50",
    ])
    func readsTablesOfManyLanguages(table: String) throws {
        let rows = "A-100234     2026-03-28       100,00\nA-100241     2026-04-02        75,50\nA-100250     2026-04-05       -50,00\n"
        let told = try advice(table.replacing("%", with: rows))
        #expect(documents(told) == ["A-100234", "A-100241", "A-100250"])
        #expect(minors(told) == [100_00, 75_50, -50_00])
        #expect((told.total?.value.minor, told.findings) == (125_50, []))
    }

    @Test(arguments: [
        "Ft. n. 145/A del 28/02/2024   Euro 2.440,00\nN.C. n. 12/NC del 20/03/2024   Euro 243,50\nTotale Euro 2.196,50\n",
        "Fatt. n. 145/A del 28/02/2024   Euro 2.440,00\nNota credito 12/NC del 20/03/2024   Euro -243,50\n",
        "Fra. 145/A de 28/02/2024   2.440,00 EUR\nAbono 12/NC de 20/03/2024   243,50 EUR\nTotal 2.196,50 EUR\n",
        "Faktura 145/A av 28/02/2024   2.440,00 EUR\nKreditnota 12/NC av 20/03/2024   243,50 EUR\nSumma 2.196,50 EUR\n",
        "Faktura 145/A z 28/02/2024   2.440,00 EUR\nKorekta 12/NC z 20/03/2024   243,50 EUR\nRazem 2.196,50 EUR\n",
        "Lasku 145/A 28/02/2024   2.440,00 EUR\nHyvityslasku 12/NC 20/03/2024   243,50 EUR\nYhteensä 2.196,50 EUR\n",
    ])
    func readsAbbreviationsAndCreditNotes(text: String) throws {
        let told = try advice(text)
        #expect(documents(told) == ["145/A", "12/NC"])
        #expect(minors(told) == [2_440_00, -243_50])
        #expect(told.lines.map(\.kind) == [.invoice, .creditNote])
        #expect(told.lines.map(\.issuedOn?.value.iso8601) == ["2024-02-28", "2024-03-20"])
        #expect(told.findings == [])
    }

    @Test(arguments: [
        ("Invoice Number", "Invoice Date", "Amount Paid"), ("Rechnung Nr.", "Rechnungsdatum", "Zahlbetrag"),
        ("N° facture", "Date", "Montant payé"), ("Nº factura", "Fecha factura", "Importe pagado"),
        ("Fattura n.", "Data fattura", "Importo pagato"), ("Factuurnummer", "Factuurdatum", "Betaald"),
    ])
    func readsLabelsOfEachDocument(document: String, day: String, paid: String) throws {
        let told = try advice(
            """
            Payment reference: PAY-77
            Payment date: 2026-02-10

            \(document): R-3001
            \(day): 2026-01-05
            \(paid): 500,00 EUR

            \(document): R-3002
            \(day): 2026-01-06
            \(paid): 235,00 EUR

            Total: 735,00 EUR
            """)
        #expect(documents(told) == ["R-3001", "R-3002"])
        #expect(minors(told) == [500_00, 235_00])
        #expect(told.lines.map(\.issuedOn?.value.iso8601) == ["2026-01-05", "2026-01-06"])
        #expect((told.total?.value.minor, told.paidOn?.value.iso8601, told.findings) == (735_00, "2026-02-10", []))
    }

    @Test func readsGrossAndPaidOfALabelledDocument() throws {
        let told = try advice(
            """
            Payer: Acme Corp
            Payment Amount: $7,200.00
            Invoice Number: INV-3001
            Invoice Amount: $5,000.00
            Discount: $50.00
            Invoice Number: INV-3002
            Invoice Amount: $2,500.00
            Amount Paid: $2,350.00
            Credit Memo: CM-118
            Amount Applied: -$100.00
            """)
        #expect(documents(told) == ["INV-3001", "INV-3002", "CM-118"])
        #expect(minors(told) == [4_950_00, 2_350_00, -100_00])
        #expect(told.lines.map(\.kind) == [.invoice, .invoice, .creditNote])
        #expect((told.total?.value.minor, told.findings) == (7_200_00, []))
    }

    @Test(arguments: [
        "Invoice      Amount\nINV-3001     5,000.00\nCN-118         150.00 CR\nTotal        4,850.00\n",
        "Invoice      Amount\nINV-3001     5,000.00\nCN-118         150.00-\nTotal        4,850.00\n",
        "INV-3001  5,000.00\nCN-118  150.00CR\n",
        "Date         Your Ref     Our Ref    Debit      Credit\n2026-05-02   INV-3001     PI55102               5,000.00\n"
            + "2026-05-15   CN-118       PC00991    150.00\nTotal Payment   4,850.00\n",
        "Beleg        Text         Soll         Haben\nINV-3001     Ware                      5.000,00\nCN-118       Gutschrift     150,00\n"
            + "Zahlbetrag   4.850,00\n",
    ])
    func readsMarksAndSidesOfALedger(text: String) throws {
        let told = try advice(text)
        #expect(documents(told) == ["INV-3001", "CN-118"])
        #expect(minors(told) == [5_000_00, -150_00])
        #expect(told.lines.map(\.kind) == [.invoice, .creditNote])
        #expect(told.findings == [])
    }

    @Test func turnsAnAdviceThatIsBelowZeroThroughout() throws {
        let told = try advice("Beleg        Betrag\nR-1001       100,00-\nR-1002        20,00\nZahlbetrag    80,00\n")
        #expect(minors(told) == [100_00, -20_00])
        #expect(told.findings == [])
    }
}
