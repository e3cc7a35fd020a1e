import Domain
import Formats
import Testing

/// Habits of single banks in MT940: how they name the account, wrap their lines and spread a narrative.
@Suite struct MT940BankTests {
    private func statement(_ account: String, _ fields: String) throws -> ReadStatement {
        try #require(try bankStatements(of: ":20:S\n:25:\(account)\n:28C:1/1\n:60F:C260101EUR0,\n\(fields)\n").first)
    }

    private func transaction(_ narrative: String, line: String = "2601050105C100,00NTRFNONREF") throws -> BankEntry.Transaction {
        try #require(try statement("1/2", ":61:\(line)\n:86:\(narrative)").entries.first?.transactions.first)
    }

    @Test(arguments: [
        ("/RO49AAAA1B31007593840000", "RO49AAAA1B31007593840000"), ("//AT39364/12345678912/EUR", "AT39364/12345678912"),
        ("BANKLULLXXX/LU280019400644750000", "LU280019400644750000"),
        ("BANKHUHB/117730161111101800000000/HUF", "BANKHUHB/117730161111101800000000"),
        ("51210600/0012345678EUR", "51210600/0012345678"), ("NL91ABNA0417164300 EUR", "NL91ABNA0417164300"), ("123456789", "123456789"),
        ("20050550/1234567890", "20050550/1234567890"), ("1234.56.789EUR", "1234.56.789"),
    ])
    func namesTheAccountAsOtherFilesDo(field: String, account: String) throws {
        #expect(try statement(field, ":62F:C260105EUR0,").header.account == account)
    }

    @Test func readsEveryNarrativeOfAnEntry() throws {
        let told = try transaction("Terugboeking\n:86:FACTUUR 20260017\n:86:KLANT 4711")
        #expect(told.remittance == "Terugboeking FACTUUR 20260017 KLANT 4711")
    }

    @Test func keepsLinesOfANarrativeThatLookLikeFields() throws {
        let told = try transaction("805?00ENTGELT?20KARTE 2026-01-05T13\n:12:11 RECHNUNG 77")
        #expect(told.remittance.contains("12:11 RECHNUNG 77"))
        #expect(try transaction("Invoice 4711\n:33: second line").remittance == "Invoice 4711 :33: second line")
    }

    @Test(arguments: [":\n86:", ":8\n6:", ":86\n:"]) func putsATagTogetherThatTheLineEndCuts(tag: String) throws {
        let read = try statement(
            "1/2", ":61:2601050105C100,00NTRFNONREF\n\(tag)166?00GUTSCHRIFT?20RECHNUNG 17?32ALPHA AG\n:62F:C260105EUR100,")
        let told = try #require(read.entries.first?.transactions.first)
        #expect((told.counterpartyName, told.remittance) == ("ALPHA AG", "RECHNUNG 17"))
        #expect(read.findings == [])
        #expect(try transaction("Invoice 17\n:\nthanks").remittance == "Invoice 17 : thanks")
    }

    @Test func readsAnAccountAndANameBehindOneWord() throws {
        let told = try transaction("/ORDP/530500003804588\n/ALPHA DOO SKOPJE\n/000//000\n/Faktura 17-2026")
        #expect(
            (told.counterpartyName, told.counterpartyAccount, told.remittance) == ("ALPHA DOO SKOPJE", "530500003804588", "Faktura 17-2026")
        )
        let plain = try transaction("/ORDP/ALPHA A/S/REMI/17")
        #expect((plain.counterpartyName, plain.remittance) == ("ALPHA A/S", "17"))
    }

    @Test func readsTheWordsOfInternationalBanks() throws {
        let virtual = try transaction("/OCMT/EUR100,00/\nPAYMENT OF INVOICE 17\n/OGB/SOME BANK/VA/123456000017")
        #expect(virtual.remittance == "PAYMENT OF INVOICE 17 123456000017")
        let debtor = try transaction("/EREF/E-1\n/DBNM/ALPHA INC\n/DACT/8348577826/DBIC/CITIUS30XXX\n/REMI/INV 17\n/OPRP/Tag")
        #expect((debtor.counterpartyName, debtor.counterpartyAccount) == ("ALPHA INC", "CITIUS30XXX/8348577826"))
        #expect(debtor.remittance == "INV 17")
    }

    @Test func readsANameBehindTheWords() throws {
        let told = try transaction("010<00PRZELEW<20FAKTURA <21FV/17/2026<27ALPHA SP. Z O.O.<28WARSZAWA<29UL. DLUGA 1<32<60 00-950")
        #expect((told.counterpartyName, told.remittance) == ("ALPHA SP. Z O.O. WARSZAWA", "FAKTURA FV/17/2026"))
        let named = try transaction("010<00PRZELEW<20FAKTURA<27FV/17/2026<32ALPHA SP. Z O.O.")
        #expect((named.counterpartyName, named.remittance) == ("ALPHA SP. Z O.O.", "FAKTURA FV/17/2026"))
    }

    @Test func readsSubFieldsThatStartOnTheNextLine() throws {
        let told = try transaction("229\n?00VIREMENT\n?20FACTURE 2026-17\n?31LU280019400644750000\n?32DUPONT SARL")
        #expect((told.code, told.counterpartyName, told.remittance) == ("229", "DUPONT SARL", "FACTURE 2026-17"))
    }

    /// A bank that wraps its lines at 50 characters cuts words and keys there, as others do at 65.
    @Test func rejoinsSubFieldsThatTheBankWrapsAtItsOwnWidth() throws {
        let told = try transaction(
            "000^20F.2059628^24DOC 2268/OPM^30BANCA SA BU^\n31RO49AAAA1B31007593840000^32ALPHA^33TRANSPORTURI\n DE NORD^20FINALE")
        #expect(told.counterpartyIBAN == "RO49AAAA1B31007593840000")
        let cut = try transaction("000^20F.2059628^24DOC 2268/OPMC^30ALPHA\nBANK S.A.^31RO49AAAA1B31007593840000^32QUER\nBECK LOGISTIK ROM")
        #expect(cut.counterpartyName == "QUERBECK LOGISTIK ROM")
    }

    @Test func readsSubFieldsBehindAPlus() throws {
        let told = try transaction("000+20Plata+30302410000+31RO49AAAA1B31007593840000+32ALPHA SRL+33/\n+23FACT 4603309")
        #expect((told.counterpartyName, told.counterpartyIBAN) == ("ALPHA SRL /", "RO49AAAA1B31007593840000"))
        #expect(told.remittance == "Plata FACT 4603309")
    }

    @Test func dropsTheMarkThatEndsTheNarrative() throws {
        #expect(try transaction("035~20CVF 2026/0060~32ALPHA SRL~60     ~61     ~").remittance == "CVF 2026/0060")
    }

    @Test func endsAKeyWhereTheBankAddsItsOwnWords() throws {
        let told = try transaction(
            "159?00RETOURE?20EREF+TFNR 40005 00005?21MTLG:Grund nicht bekannt?32A", line: "2601050105C3,00NTRFNONREF")
        #expect(told.endToEndID == "TFNR 40005 00005")
        #expect(told.remittance.contains("Grund nicht bekannt"))
    }

    @Test func readsKeysBehindAColon() throws {
        let told = try transaction("105?00LASTSCHRIFT?20EREF: E-4711 MREF: M-1?21 CRED: DE98ZZZ09999999999 SVWZ: RECHNUNG 17")
        #expect((told.endToEndID, told.mandateID, told.creditorID) == ("E-4711", "M-1", "DE98ZZZ09999999999"))
        #expect(told.remittance == "RECHNUNG 17")
        let mixed = try transaction("105?20EREF+123/123-L110?31DE89370400440532013000?32AMT?60000012345 BIC: BYLADEMM?61ABWA: AMT MITTE")
        #expect(mixed.endToEndID?.contains("BIC") == false && mixed.endToEndID?.contains("ABWA") == false)
        #expect(try transaction("BITTE AUF IBAN: DE89370400440532013000 ZAHLEN").counterpartyIBAN == nil)
    }

    @Test func readsABlankBetweenAmountAndType() throws {
        let told = try transaction("109?20EREF+E1", line: "2601050105D12,35 NRTIKREF+//2026021783252833")
        #expect((told.returnReason, told.endToEndID) == ("NARR", "E1"))
        #expect(try transaction("Text", line: "2601050105D12,35 NTRFKREF+//B").endToEndID == nil)
    }

    @Test func takesAnIBANInTheEntryLineForTheOtherSide() throws {
        let told = try transaction("Betaling 17", line: "2601050105D65,00NOVBNL91ABNA0417164300\njansen bv")
        #expect((told.counterpartyIBAN, told.endToEndID) == ("NL91ABNA0417164300", nil))
        let below = try transaction("/BENM//NAME/JANSEN BV/REMI/FACTUUR 17", line: "260105C25,00N102EREF            \nNL91ABNA0417164300")
        #expect((below.counterpartyIBAN, below.remittance) == ("NL91ABNA0417164300", "FACTUUR 17"))
        let silent = try transaction("/BENM//NAME/JANSEN BV", line: "260105C25,00N102EREF\nNL91ABNA0417164300")
        #expect((silent.counterpartyIBAN, silent.remittance) == ("NL91ABNA0417164300", ""))
    }

    @Test func tellsReferenceAndNameInAFixedWidthEntryLine() throws {
        let told = try transaction("FACTUUR 987", line: "260105C44,95N0600733959555      JANSEN TELECOM BV")
        #expect((told.counterpartyName, told.endToEndID) == ("JANSEN TELECOM BV", "0733959555"))
        #expect(try transaction("X", line: "260105C1,00N060NONREF          JANSEN UTRECHT").endToEndID == nil)
    }

    @Test func readsDutchLabels() throws {
        let told = try transaction("FACTUUR 202603110, 202603113\nREK: NL91ABNA0417164300/NAAM: JANSEN BV")
        #expect((told.counterpartyName, told.counterpartyIBAN) == ("JANSEN BV", "NL91ABNA0417164300"))
        #expect(told.remittance == "FACTUUR 202603110, 202603113")
    }

    @Test func readsUnstructuredWordsBehindCode999() throws {
        let told = try transaction("999RECHNUNG 4711\nMüller")
        #expect((told.code, told.remittance) == ("999", "RECHNUNG 4711 Müller"))
        #expect(try transaction("9991234 bezahlt").remittance == "9991234 bezahlt")
    }

    @Test func saysWhatIsMissingBeforeAnEntry() throws {
        let found = try fault { _ = try bankStatements(of: ":61:2601050105C1,00NTRFNONREF\n:86:X\n") }
        #expect(found?.message.contains("before any statement (:20:)") == true)
    }
}
