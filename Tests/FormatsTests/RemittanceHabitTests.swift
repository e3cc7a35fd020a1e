import Domain
import Formats
import Testing

/// Habits of payers in their advices: where a segment belongs, what a number means, what a sentence says.
@Suite struct RemittanceHabitTests {
    private func advices(_ text: String, currency: Currency? = nil) throws -> [RemittanceAdvice] {
        try withFile(text) { try readRemittance($0, currency: currency).advices }
    }

    private func x12(_ segments: [String], type: String = "820") throws -> [RemittanceAdvice] {
        let head =
            "ISA*00*          *00*          *ZZ*PAYER          *ZZ*SELLER         *260105*1200*U*00401*000000001*0*P*>~\n"
            + "GS*RA*PAYER*SELLER*20260105*1200*1*X*004010~\nST*\(type)*0001~\n"
        return try advices(head + segments.map { $0 + "~\n" }.joined() + "SE*\(segments.count + 2)*0001~\nGE*1*1~\nIEA*1*000000001~\n")
    }

    @Test func anEntityEndsTheLineBeforeIt() throws {
        let advice = try #require(
            try x12([
                "BPR*C*2850.00*C*ACH*CTX*01*021000021*DA*123*9876543210*01*071000013*DA*555*20260105", "N1*PR*ALPHA CORP", "ENT*1",
                "RMR*IV*A-1**1000.00*1000.00", "ENT*2", "N1*PR*ALPHA WEST", "REF*PO*PO-7", "DTM*003*20251201", "ADX*-150.00*06*CM*DM-77",
                "RMR*IV*B-1**2000.00*2000.00",
            ]).first)
        #expect(advice.lines.map(\.document.value) == ["A-1", "DM-77", "B-1"])
        #expect(advice.lines.map(\.paid?.value.minor) == [1000_00, -150_00, 2000_00])
        #expect(advice.lines.allSatisfy { $0.deductions.isEmpty && $0.alsoKnownAs.isEmpty && $0.issuedOn == nil })
        #expect((advice.payerName?.value, advice.findings) == ("ALPHA CORP", []))
    }

    @Test func nothingBeforeTheFirstPaymentIsAnAdvice() throws {
        let read = try x12(
            [
                "DTM*009*20260104", "N1*PR*SOME BANK*92*B1", "TRN*1*TRACE1", "DEP*LBX8841*20260105**01*123456789", "REF*TN*DEP1",
                "BAT*20260106*1200*14*B1", "BPR*I*980*C*CHK", "REF*CK*882104", "N1*PR*ALPHA RETAIL", "RMR*IV*INV-1**980*1000*20",
                "DTM*003*20251220", "BPR*I*20*C*CHK************20260107", "RMR*IV*INV-2**20", "DEP*LBX8842*20260108**01*123456789",
                "BPR*I*30*C*CHK", "DTM*097*20260109", "RMR*IV*INV-3**30",
            ], type: "823")
        #expect(read.map(\.total?.value.minor) == [980_00, 20_00, 30_00])
        #expect(read.map(\.paymentReference?.value) == ["882104", nil, nil])
        #expect(read.map(\.payerName?.value) == ["ALPHA RETAIL", nil, nil])
        #expect(read.map(\.paidOn?.value.iso8601) == ["2026-01-06", "2026-01-07", "2026-01-09"])
        #expect(read.flatMap(\.findings) == [])
    }

    @Test func readsADiscountBelowZeroAsADiscount() throws {
        let advice = try #require(try x12(["BPR*C*1750.50*C*ACH", "RMR*IV*A-1**1750.50*1800.00*-49.50"]).first)
        #expect((advice.lines.first?.discount?.value.minor, advice.findings) == (49_50, []))
        let credit = try #require(try x12(["BPR*C*-98.00*C*ACH", "RMR*CM*C-1**-98.00*-100.00*-2.00"]).first)
        #expect((credit.lines.first?.discount?.value.minor, credit.findings) == (-2_00, []))
    }

    private func remadv(_ documents: String, paid: String) throws -> RemittanceAdvice {
        let text =
            "UNB+UNOC:3+A+B+260105:1000+1'UNH+1+REMADV:D:01B:UN'BGM+481+RA-1+9'DTM+137:20260105:102'NAD+PR+4012345000009::9'CUX+2:EUR:4'"
            + "\(documents)UNS+S'MOA+12:\(paid)'UNT+\(documents.count { $0 == "'" } + 8)+1'UNZ+1+1'"
        return try #require(try advices(text).first)
    }

    @Test func tellsAmountsOfADocumentFromThoseOfItsLinesAndOtherCurrencies() throws {
        let read = try remadv(
            "DOC+380+R-1'MOA+11:100:EUR'MOA+12:110:USD'DLI+1+1'MOA+12:60'DLI+2+1'MOA+12:40'DOC+380+R-2'DLI+1+1'MOA+12:5'DLI+2+1'MOA+12:7'",
            paid: "112")
        #expect(read.lines.map(\.paid?.value.minor) == [100_00, 12_00])
        #expect((read.total?.value.minor, read.findings) == (112_00, []))
        let foreign = try remadv("DOC+380+R-1'MOA+12:110:USD'", paid: "100")
        #expect(foreign.lines.map(\.paid?.value.minor) == [nil])
        #expect(foreign.findings.map(\.message) == ["amount in USD, the payment is in EUR: left out"])
    }

    @Test func readsAnAdjustmentBelowZeroAsOne() throws {
        let read = try remadv("DOC+380+R-1'MOA+77:100'MOA+12:70'AJT+ZZZ'MOA+165:-30'", paid: "70")
        #expect(read.lines.first?.deductions.map(\.amount.value.minor) == [30_00])
        #expect(read.findings == [])
    }

    @Test func keepsTheReasonWhyADocumentIsNotPaid() throws {
        let read = try remadv(
            "DOC+380+R-1'MOA+9:50'MOA+12:0'AJT+Z06'DOC+380+R-2'MOA+9:80'MOA+12:80'DOC+380+R-3'MOA+9:40'MOA+12:30'", paid: "110")
        #expect(read.lines.map { $0.deductions.map(\.amount.value.minor) } == [[50_00], [], []])
        #expect(read.lines.first?.deductions.first?.reason?.value == "Z06")
    }

    @Test(
        arguments: [("01/05/2026", nil), ("2026-01-05", "2026-01-05"), ("05.01.2026", "2026-01-05"), ("25/01/2026", "2026-01-25")]
            as [(String, String?)])
    func readsTheDayThatEndsASentence(written: String, day: String?) throws {
        let read = try advices("From: Alpha Ltd\n\nWe paid on \(written).\n\nInvoice INV-77001 100.00 EUR\n")
        #expect(read.first?.paidOn?.value.iso8601 == day)
    }

    @Test(arguments: [
        (";", "1.000,00", "02.01.2026"), (";", "1000.00", "2026-01-02"), (",", "1,000.00", "1/2/2026"),
    ])
    func readsATableOfQuotedCells(mark: String, amount: String, day: String) throws {
        func row(_ cells: String...) -> String { cells.map { "\"\($0)\"" }.joined(separator: mark) + "\n" }
        let other = day.contains("/") ? "1/13/2026" : day
        let read = try advices(
            row("Payment Number", "Document Number", "Document Date", "Amount", "Currency") + row("4711", "RE-1001", day, amount, "EUR")
                + row("4711", "RE-1002", other, "-100", "EUR") + row("4712", "RE-1003", other, "50", "EUR"))
        #expect(read.map(\.paymentReference?.value) == ["4711", "4712"])
        #expect(read.map { $0.lines.map(\.paid?.value.minor) } == [[1000_00, -100_00], [50_00]])
        #expect(read.first?.lines.first?.issuedOn?.value.iso8601 == "2026-01-02")
    }

    @Test(arguments: ["15-JAN-2026", "15-Jan-26", "15/Jan/2026", "15.Jan.2026"])
    func readsADayWithAMonthInLetters(written: String) throws {
        let read = try advices("Payer: Alpha Ltd\nPayment date: \(written)\n\nInvoice INV-77001 100.00 EUR\n")
        #expect(read.first?.paidOn?.value.iso8601 == "2026-01-15")
        #expect(read.first?.lines.map(\.document.value) == ["INV-77001"])
        #expect(
            try advices("Payer: Alpha Ltd\n\nInvoice 15-JAN-2026-17 100.00 EUR\n").first?.lines.map(\.document.value) == ["15-JAN-2026-17"])
    }

    @Test func takesTheDayOfADocumentOnly() throws {
        let advice = try remadv(
            "DOC+380+R-1'MOA+12:950'DTM+137:20251201:102'DTM+13:20251230:102'RFF+ON:O-7'DTM+171:20251105:102'"
                + "DOC+380+R-2'MOA+12:50'DTM+171:20251202:102'DTM+13:20251230:102'DOC+380+R-3'MOA+12:5'DTM+13:20251230:102'", paid: "1005")
        #expect(advice.lines.map(\.issuedOn?.value.iso8601) == ["2025-12-01", "2025-12-02", nil])
        #expect(advice.lines[0].alsoKnownAs.map(\.value) == ["O-7"])
    }

    @Test(
        arguments: [
            ("380", .invoice, 20_00), ("81", .creditNote, -20_00), ("83", .creditNote, -20_00), ("262", .creditNote, -20_00),
            ("458", .creditNote, -20_00), ("532", .creditNote, -20_00), ("84", .debitNote, 20_00), ("80", .debitNote, 20_00),
        ] as [(String, RemittanceAdvice.DocumentKind, Int64)])
    func tellsCreditNotesByTheirCode(code: String, kind: RemittanceAdvice.DocumentKind, minor: Int64) throws {
        let advice = try remadv("DOC+380+R-1'MOA+12:100'DOC+\(code)+N-1'MOA+12:20'", paid: "\(100 + minor / 100)")
        #expect((advice.lines[1].kind, advice.lines[1].paid?.value.minor) == (kind, minor))
        #expect(advice.findings == [])
    }

    @Test func namesThePayerThatSendsTheMessage() throws {
        let text =
            "UNB+UNOC:3+A+B+260105:1000+1'UNH+1+REMADV:D:05A:UN:2.9'BGM+239+RA-1'DTM+137:20260105:102'NAD+MS+9900000000001::293'"
            + "NAD+MR+9900000000002::293'CUX+2:EUR'DOC+380+R-1'MOA+12:20'UNS+S'MOA+12:20'UNT+9+1'UNZ+1+1'"
        let advice = try #require(try advices(text).first)
        #expect(advice.payerIdentifiers.map(\.value) == ["9900000000001"])
        #expect(try remadv("DOC+380+R-1'MOA+12:20'", paid: "20").payerIdentifiers.map(\.value) == ["4012345000009"])
    }

    @Test func takesNoSentenceForTheHeadingsOfATable() throws {
        let advice = try #require(
            try advices(
                """
                Please find below the payment details for the invoices.

                Document Type: Broker Remittance

                Invoice INV-1001: gross 1,000.00 EUR, discount 20.00 EUR, paid 980.00 EUR
                Invoice INV-1002: gross 500.00 EUR, discount 0.00 EUR, paid 500.00 EUR

                Total 1,480.00 EUR

                """
            ).first)
        #expect(advice.lines.map(\.document.value) == ["INV-1001", "INV-1002"])
        #expect(advice.lines.map(\.paid?.value.minor) == [980_00, 500_00])
        #expect(advice.lines.map(\.discount?.value.minor) == [20_00, 0])
        #expect(advice.findings == [])
        let table = try #require(try advices("Invoice Date Amount\nR-17 2026-01-05 10.00 EUR\n").first)
        #expect(table.lines.map(\.paid?.value.minor) == [10_00])
    }

    @Test func readsWholeAmountsBesideACurrency() throws {
        let advice = try #require(
            try advices(
                "Invoice INV-500 $1,250 paid in full\nInvoice INV-501 USD 300 \nInvoice 4711 USD 500\nInvoice 4712 50 USD\nTotal USD 2,100\n"
            )
            .first)
        #expect(advice.lines.map(\.document.value) == ["INV-500", "INV-501", "4711", "4712"])
        #expect(advice.lines.map(\.paid?.value.minor) == [1250_00, 300_00, 500_00, 50_00])
        #expect((advice.total?.value.minor, advice.findings) == (2100_00, []))
    }

    @Test func readsLabelsOnLinesOfTheirOwn() throws {
        let one = try #require(
            try advices(
                "Payer: Alpha Health\nRemitting: $11,240.00\nInvoices: INV-10510\nPO: CH-4419\nDeduction: $1,240.00 damaged cartons\n"
            ).first)
        #expect(one.lines.map(\.document.value) == ["INV-10510"])
        #expect((one.lines[0].paid?.value.minor, one.lines[0].deductions.map(\.amount.value.minor)) == (11_240_00, [1_240_00]))
        #expect((one.payerName?.value, one.total?.value.minor) == ("Alpha Health", 11_240_00))
        let two = try #require(
            try advices(
                "Remitting: $1,500.00\nInvoices: INV-1, INV-2\nDeduction: $50.25 shortage, invoice INV-2\n"
                    + "Please apply $1,100.00 to INV-1 and $400.00 to INV-2.\n"
            ).first)
        #expect(two.lines.map(\.document.value) == ["INV-1", "INV-2"])
        #expect(two.lines.map(\.paid?.value.minor) == [1100_00, 400_00])
        #expect(two.lines[1].deductions.map(\.amount.value.minor) == [50_25])
    }

    @Test func saysThatAMailIsEncoded() throws {
        let text =
            "From: AP <ap@alpha.example>\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\nSW52b2ljZSAgICAgIEFtb3VudAo=\n"
        for currency in [nil, Currency.usd] {
            let found = try fault { _ = try advices(text, currency: currency) }
            #expect(found?.message == "is a mail whose text is encoded (base64): save it as text")
        }
    }

    private static let table = "Invoice      Amount\nINV-77       120.00 USD\nTotal        120.00\n"

    /// Each with the place of the document's number in the encoded text.
    @Test(arguments: [
        (
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
                + "SW52b2ljZSAgICAgIEFtb3VudApJTlYtNzcgICAgICAgMTIwLjAwIFVT\nRApUb3RhbCAgICAgICAgMTIwLjAwCg==\n", 5, 25..<37
        ),
        (
            "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n"
                + "Invoice      Am=\nount\nINV=2D77       120.00 USD\nTotal        120=2E00\n", 7, 1..<9
        ),
        (
            "Content-Type: text/html; charset=\"utf-8\"\nContent-Transfer-Encoding: quoted-printable\n\n"
                + "<style type=3D\"text/css\">a { width: 10.00 }</style><table><tr><td>Invoice</td><td>Amount</td></tr>\n=09<tr>\n=09<td>INV-77</td>\n"
                + "<td>$120.00</td></tr><tr><td>Total</td><td>$120&#46;00</td></tr></table>\n", 7, 8..<14
        ),
        (
            "Content-Type: multipart/mixed;\n boundary=\"B 1\"\n\n--B 1\nContent-Type: multipart/alternative; boundary=B2\n\n--B2\n"
                + "Content-Type: text/html\n\n<p>INV-99 1.00</p>\n--B2\nContent-Type: text/plain\n\n" + table + "--B2--\n--B 1\n"
                + "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\nJVBERi0=\n--B 1--\n", 16, 1..<7
        ),
    ])
    func readsTheTextOfAMail(mail: String, line: Int, columns: Range<Int>) throws {
        let advice = try #require(try advices("From: Alpha Corp <ap@alpha.example>\n\(mail)", currency: .usd).first)
        #expect(advice.lines.map(\.document) == [Cited("INV-77", Citation(line: line, columns: columns))])
        #expect((advice.lines.first?.paid?.value.minor, advice.total?.value.minor) == (120_00, 120_00))
        #expect((advice.payerName?.value, advice.findings) == ("Alpha Corp", []))
    }

    /// What a mail's own encoding cuts at the end of a line is cited in its pieces.
    @Test func aSoftLineEndIsCitedOnBothSides() throws {
        let mail =
            "From: ap@alpha.example\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n"
            + Self.table.replacing("INV-77 ", with: "INV=\n-77 ")
        let document = try #require(try advices(mail, currency: .usd).first?.lines.first?.document)
        #expect(document.value == "INV-77" && "\(document.at)" == "6:1-4+7:1-4")
    }

    /// The day that the text names, however it is written; the mail's own where it names none.
    @Test(arguments: [
        ("", "2026-11-28", 2, 7..<18), ("we paid on 12 March 2026", "2026-03-12", 4, 12..<25),
        ("paid March 12, 2026:", "2026-03-12", 4, 6..<21),
        ("Zahlung vom 5. Mai 2026", "2026-05-05", 4, 13..<24), ("value date 2026-03-15", "2026-03-15", 4, 12..<22),
    ])
    func tellsWhenItWasPaid(text: String, day: String, line: Int, columns: Range<Int>) throws {
        let mail = "From: Alpha <ap@alpha.example>\nDate: 28 Nov 2026 14:22:00 +0000\n\n\(text)\nInvoice  Amount Paid\nINV-77  120.00\n"
        let advice = try #require(try advices(mail, currency: .usd).first)
        #expect(advice.paidOn == Cited(Day(day)!, Citation(line: line, columns: columns)))
        #expect(advice.lines.map(\.document.value) == ["INV-77"])
    }

    @Test func survivesDamagedMails() throws {
        let mail =
            "From: A\nContent-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n"
            + "<td>INV=2D77</td> &amp; 120.00=\n USD <b\n--B\nContent-Transfer-Encoding: base64\n\nSW52b2ljZ===SAgICA\n--B--\n"
        for length in 0..<mail.count {
            _ = try fault { _ = try advices(String(mail.prefix(length)), currency: .usd) }
            _ = try fault { _ = try advices(String(mail.dropFirst(length)), currency: .usd) }
        }
    }

    @Test func readsInterchangesWithMarksOfTheirOwn() throws {
        func interchange(_ mark: String, _ end: String, _ number: String) -> String {
            [
                "ISA*00*          *00*          *ZZ*PAYER          *ZZ*SELLER         *260105*1200*U*00401*000000001*0*P*>",
                "GS*RA*PAYER*SELLER*20260105*1200*1*X*004010", "ST*820*0001", "BPR*C*10*C*ACH", "RMR*IV*\(number)**10", "SE*4*0001",
                "GE*1*1",
                "IEA*1*000000001",
            ].map { $0.replacing("*", with: mark) + end }.joined()
        }
        let read = try advices(interchange("*", "~", "A-1") + interchange("|", "\n", "B-1") + interchange("*", "~\n", "C-1"))
        #expect(read.flatMap(\.lines).map(\.document.value) == ["A-1", "B-1", "C-1"])
        #expect(read.flatMap(\.findings) == [])
    }

    @Test(arguments: ["REF: INV 17, thanks", "REF:CK:4711 thanks", "Thanks * INV 17"]) func wordsOfAnAddendumAreNoSegments(
        words: String
    ) throws {
        func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
        let lines = [
            "101 031300012 2313801042601051200A094101Some Bank              Our Company",
            "5220Acme Tool" + padded("", 27) + "1512345678CCDPAYMENT   260105260106   1031300010000001",
            "622031300012" + padded("987654", 17) + "0000015000" + padded("ID-1", 15) + padded("Our Company", 24) + "1031300010000001",
            "705" + padded(words, 80) + "00010000001",
        ]
        let text = lines.map { padded($0, 94) }.joined(separator: "\n")
        #expect(try withFile(text) { try carriedAdvices($0) } == nil)
        #expect(try bankStatements(of: text).flatMap(\.entries).first?.transactions.first?.remittance == words)
    }

    @Test func takesWhatIsPaidBesideWhatIsNot() throws {
        let text =
            "We paid 980.00 EUR for invoice INV-1, the remaining 20.00 EUR are disputed.\nWir haben Ihre offene Rechnung R-17 mit 50,00 EUR bezahlt.\n"
        let advice = try #require(try advices(text).first)
        #expect(advice.lines.map(\.document.value) == ["INV-1", "R-17"])
        #expect(advice.lines.map(\.paid?.value.minor) == [980_00, 50_00])
        #expect(advice.findings.map(\.message) == ["says what is not paid: left out"])
    }

    /// Thousands apart by a blank; a number beside a document's word is that document's.
    @Test(arguments: [
        ("Nous avons réglé la facture FA-2025-118 d'un montant de 12 345,60 EUR", "FA-2025-118", 12_345_60),
        ("Facture FA-2025-118 1\u{A0}234\u{A0}500,00 EUR", "FA-2025-118", 1_234_500_00),
        ("Rechnung R-17 EUR 1 190,00", "R-17", 1_190_00), ("Rechnung R-17 1190,00 EUR", "R-17", 1_190_00),
        ("Rechnung Nr. 417 345,60 EUR", "417", 345_60),
    ])
    func joinsThousands(text: String, document: String, minor: Int64) throws {
        let advice = try #require(try advices(text + "\n").first)
        #expect(advice.lines.map(\.document.value) == [document])
        #expect(advice.lines.map(\.paid?.value.minor) == [minor])
    }

    @Test(arguments: [
        "The balance of 20.00 EUR on invoice INV-7001 remains disputed and is not paid.",
        "The remaining 20.00 EUR on invoice INV-7001 stays open until we count the bins.",
        "Für Rechnung INV-7001 bleiben 20,00 EUR offen.", "Der Restbetrag von 20,00 EUR zur Rechnung INV-7001 wird nicht bezahlt.",
    ])
    func takesNothingThatIsNotPaid(sentence: String) throws {
        let advice = try #require(try advices("We have transferred 980.00 EUR for invoice INV-7001 today.\n\(sentence)\n").first)
        #expect(advice.lines.map(\.paid?.value.minor) == [980_00])
    }
}
