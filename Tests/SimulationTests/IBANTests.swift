import Domain
import Simulation
import Testing

@Suite struct IBANTests {
    @Test func everyCustomerHasAnAccount() {
        let numbers = (12_346...18_287).map(String.init)
        let accounts = numbers.map(accountIBAN)
        #expect(accounts.allSatisfy { IBAN.isValid($0) && $0.utf8.count == 22 && $0.dropFirst(4).hasPrefix("NWBK601331") })
        #expect(Set(accounts).count == numbers.count)
        #expect(accounts[0].hasSuffix("00012346") && accountIBAN(of: "12346") == accounts[0])
    }

    @Test(arguments: ["", "ONE-TIME-GB", "C-17", "99999999", "123456789012", "Müller", "٣"])
    func anyTextHasAnAccount(number: String) {
        #expect(IBAN.isValid(accountIBAN(of: number)) && accountIBAN(of: number).utf8.count == 22)
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
