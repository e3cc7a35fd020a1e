import Domain
import Testing

@Suite struct IBANTests {
    @Test(arguments: [
        "GB82WEST12345698765432", "DE89370400440532013000", "NO9386011117947", "MT84MALT011000012345MTLCAST001S",
        "GB29NWBK60161331926819",
    ])
    func accepts(text: String) { #expect(IBAN.isValid(text)) }

    @Test(arguments: [
        "", "GB82", "GB83WEST12345698765432", "GB82WEST12345698765423", "GB82 WEST 1234 5698 7654 32", "gb82west12345698765432",
        "82GBWEST12345698765432", "GB82WEST1234569876543é", "GBé2WEST12345698765432", "GB82WEST123456987654321234567890123",
    ])
    func refuses(text: String) { #expect(!IBAN.isValid(text)) }

    @Test(
        arguments: [
            ("DE02120300000000202051", nil), ("NO9386011117947", nil), ("DE02120300000000202052", "wrong check digits"),
            ("DE0212030000000020205", "has 21 characters, an IBAN of DE has 22"), ("EG380019000500000000263180002", nil),
        ] as [(String, String?)])
    func saysWhatIsWrong(account: String, words: String?) {
        let fault = IBAN.fault(in: account)
        #expect(words.map { fault?.contains($0) == true } ?? (fault == nil), "\(fault ?? "nothing")")
    }

    @Test(
        arguments: [
            ("", []), ("DE02120300000000202051 GB29NWBK60161331926819", ["DE02120300000000202051", "GB29NWBK60161331926819"]),
            ("DE02 1203 0000 0000 2020 51  gb29 nwbk 6016 1331 9268 19", ["DE02120300000000202051", "GB29NWBK60161331926819"]),
            ("DE02 1203 0000 0000 2020 52", ["DE02120300000000202052"]),
            ("021000021/123456 NO9386011117947", ["021000021/123456", "NO9386011117947"]),
        ] as [(String, [String])])
    func findsTheAccountsOfAText(text: String, accounts: [String]) { #expect(IBAN.accounts(in: text) == accounts) }
}
