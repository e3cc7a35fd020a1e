import Domain
import Testing

@Suite struct HabitStrengthTests {
    /// Wilson's lower end at 95 %, worked out by hand and with R's binom.confint.
    @Test(
        arguments: [
            (0, 0, 0), (1, 0, 206), (3, 0, 438), (10, 0, 722), (34, 0, 898), (35, 0, 901), (9, 1, 595), (95, 5, 888), (0, 10, 0),
            (50, 50, 403),
            (999, 1, 994), (1_000_000, 0, 999),
        ] as [(Int64, Int64, Int64)])
    func theBoundThatCountsProve(right: Int64, wrong: Int64, perMille: Int64) {
        #expect(HabitStrength(confirmations: right, contradictions: wrong).lowerBound == perMille)
    }

    /// The certificate's own inequality agrees with the formula for every small count.
    @Test func theVerifierProvesTheSame() throws {
        for right in Int64(1)...60 {
            for wrong in Int64(0)...20 {
                let bound = HabitStrength(confirmations: right, contradictions: wrong).lowerBound
                #expect(CertificateReader.Habit.isProven(right, wrong, bound) || bound == 0, "\(right) \(wrong) \(bound)")
                #expect(!CertificateReader.Habit.isProven(right, wrong, bound + 2), "\(right) \(wrong) \(bound + 2)")
            }
        }
    }
}
