import Simulation
import Testing

@Suite struct IBANTests {
    @Test(arguments: [
        "GB82WEST12345698765432", "DE89370400440532013000", "NO9386011117947", "MT84MALT011000012345MTLCAST001S",
        "GB29NWBK60161331926819",
    ])
    func accepts(text: String) { #expect(isIBAN(text)) }

    @Test(arguments: [
        "", "GB82", "GB83WEST12345698765432", "GB82WEST12345698765423", "GB82 WEST 1234 5698 7654 32", "gb82west12345698765432",
        "82GBWEST12345698765432", "GB82WEST1234569876543é", "GBé2WEST12345698765432", "GB82WEST123456987654321234567890123",
    ])
    func refuses(text: String) { #expect(!isIBAN(text)) }

    @Test func everyCustomerHasAnAccount() {
        let numbers = (12_346...18_287).map(String.init)
        let accounts = numbers.map(accountIBAN)
        #expect(accounts.allSatisfy { isIBAN($0) && $0.utf8.count == 22 && $0.dropFirst(4).hasPrefix("NWBK601331") })
        #expect(Set(accounts).count == numbers.count)
        #expect(accounts[0].hasSuffix("00012346") && accountIBAN(of: "12346") == accounts[0])
    }

    @Test(arguments: ["", "ONE-TIME-GB", "C-17", "99999999", "123456789012", "Müller", "٣"])
    func anyTextHasAnAccount(number: String) {
        #expect(isIBAN(accountIBAN(of: number)) && accountIBAN(of: number).utf8.count == 22)
    }

    /// The published SplitMix64 numbers of seed 1234567.
    @Test func randomNumbersAreSplitMix64() {
        var random = SeededRandom(seed: 1_234_567)
        for number: UInt64 in [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423] {
            #expect(random.next() == number)
        }
    }

    @Test func randomNumbersStayInRange() {
        var random = SeededRandom(seed: 5, about: "range")
        let drawn = (0..<10_000).map { _ in random.below(7) }
        #expect(Set(drawn) == Set(0..<7))
        #expect((0..<10_000).allSatisfy { _ in (-3...3).contains(random.within(-3...3)) })
        #expect(!random.chance(perMille: 0) && random.chance(perMille: 1000))
    }
}
