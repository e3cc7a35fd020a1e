import Domain
import Formats
import Testing

/// Who paid, and for which document, in the plain words of banks of many countries.
@Suite struct PlainLabelTests {
    private func entry(_ narrative: String, line: String = "2601050105C100,00NTRFNONREF") throws -> BankEntry {
        try #require(
            try bankStatements(of: ":20:S\n:25:1/2\n:28C:1/1\n:60F:C260101EUR0,\n:61:\(line)\n:86:\(narrative)\n").first?.entries.first)
    }

    @Test(
        arguments: [
            ("GELEN EFT GONDEREN: YILMAZ INSAAT LTD STI\nACIKLAMA: FATURA GIB2026000000123 SORGU NO:1234567", "YILMAZ INSAAT LTD STI", nil),
            (
                "Gönderen Adı:ÖZTÜRK GIDA A.Ş. Gönderen IBAN:TR330006100519786457841326 Açıklama:Fatura 55", "ÖZTÜRK GIDA A.Ş.",
                "TR330006100519786457841326"
            ),
            (
                "Auftraggeber: Max Muster Zahlungsreferenz: RE 42\nIBAN Auftraggeber: AT611904300234573201 BIC Auftraggeber: BKAUATWW",
                "Max Muster", "AT611904300234573201"
            ),
            ("AUFTRAGGEBER: MAX MUSTER ZAHLUNGSREFERENZ: RE 42 VOM 3.1.", "MAX MUSTER", nil),
            ("TRANSFERENCIA DE CONSTRUCCIONES PEREZ SL, CONCEPTO FRA 26/0012", "CONSTRUCCIONES PEREZ SL", nil),
            ("02 00407 TRANSFERENCIAS ORDENANTE: GARCIA HNOS SL\nCONCEPTO: FACTURA A-77", "GARCIA HNOS SL", nil),
            ("VIR SEPA RECU /DE SOCIETE DUPONT SARL /MOTIF FACT 2026-014 /REF CLI55", "SOCIETE DUPONT SARL", nil),
            ("VIR RECU 6041234567S\nDE: DURAND ET FILS\nMOTIF: FACTURE F-2026-12", "DURAND ET FILS", nil),
            ("48ORD:ROSSI SPA\nID.MITT.:12345 RIF:FATT 2026/33\nINF.PAG: SALDO FATTURA 33", "ROSSI SPA", nil),
            ("ORDERING CUST:UMBRELLA LTD\nPAYMENT DETAILS:INVOICE 9", "UMBRELLA LTD", nil),
            ("B/O: SOYLENT GMBH BERLIN REF: INV-99 /BNF/OUR CO", "SOYLENT GMBH BERLIN", nil),
            ("BEZHOTOVOSTNI UHRADA\nPROTIUCET: 000000-1234567890/0800\nVS: 2026001234 KS: 0308", nil, "0800/1234567890"),
            ("EUROPESE OVERSCHRIJVING VAN BE43 0689 9999 9501\nJANSSENS NV", nil, "BE43068999999501"),
            ("FROM: 01.01.2026 TO: 31.01.2026", nil, nil), ("VIREMENT DE: MARTIN", nil, nil),
        ] as [(String, String?, String?)])
    func findsThePayerAndKeepsTheWords(narrative: String, name: String?, account: String?) throws {
        let told = try #require(try entry(narrative).transactions.first)
        #expect((told.counterpartyName, told.counterpartyNumber) == (name, account))
        #expect(told.remittance == narrative.split(whereSeparator: \.isWhitespace).joined(separator: " "))
    }

    @Test(
        arguments: [
            ("VS: 2026001234 KS: 0308 SS: 0000000000", "2026001234"), ("020?00UHRADA?20VS:0000123456?21KS:308", "123456"),
            ("/ORDP/CZ6508000000192000145399/NOVOTNY/REMI//VS/2026000077/SS//KS/0308", "2026000077"), ("VS: KS: 0308", nil),
            ("CVS: 4711", nil), ("GKCCBEBB JANSSENS NV +++010/8068/17183+++", "010806817183"),
            ("/CNTP/BE43068999999501/GKCCBEBB/PEETERS BVBA///REMI/STRD/CUR/***010/8068/17183***/", "010806817183"), ("A+B+C", nil),
        ] as [(String, String?)])
    func findsTheStructuredReference(narrative: String, reference: String?) throws {
        #expect(try entry(narrative).transactions.first?.structuredReference == reference)
    }

    /// What is read out of the same words makes no other entry; what was read before stands beside it.
    @Test func keepsHowTheEntryWasReadBefore() throws {
        let read = try entry("VIR SEPA RECU /DE DUPONT SARL /MOTIF FACT 14"), before = try #require(read.transactions.first)
        #expect(read.wording == nil, "the name is no part of what makes an entry another")
        let named = try entry("Gönderen: ALFA LTD Gönderen IBAN: TR330006100519786457841326 Fatura 5")
        let wording = try #require(named.wording)
        #expect((wording.counterpartyNumber, wording.endToEndID) == (nil, nil))
        #expect(wording.remittance == named.transactions.first?.remittance)
        #expect(before.counterpartyName == "DUPONT SARL")
        let uncut = try #require(try entry("AUFTRAGGEBER: MAX MUSTER ZAHLUNGSREFERENZ: RE 42").wording)
        #expect(uncut.remittance == "")
    }

    /// A debit names the payee, and what comes back our own payment: neither has a payer.
    @Test func namesNoPayerOfADebit() throws {
        #expect(try entry("ORDERING CUST: WE LTD", line: "2601050105D100,00NTRFNONREF").transactions.first?.counterpartyName == nil)
    }
}
