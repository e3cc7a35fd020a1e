import Domain
import Operations
import Store

/// What has been learned of how a customer pays; each habit with what proves it, and a way to take it away.
struct HabitPanel: Sendable {
    let customer: String
    let habits: [CustomerHabits.Line]
    let reader: DeskReader

    var html: HTML {
        guard !habits.isEmpty else { return "" }
        var table = DataTable(
            "Habits learned from answers",
            [.text("Habit"), .text("Right"), .number("Proven"), .text("Last seen"), .text("State")])
        table.rows = habits.map { line in
            [
                .text(line.habit.words), .text(line.strength.words), .text("\(decimalText(line.strength.lowerBound, 1)) %"),
                .day(line.lastOn), .badge(state(line)),
            ]
        }
        let standing = habits.filter { $0.revokedOn == nil }
        return panel("Habits", "\(table.html)\(reader.may(.work) && !standing.isEmpty ? revocation(standing) : "")")
    }

    private func state(_ line: CustomerHabits.Line) -> Badge {
        if line.revokedOn != nil { return Badge("Taken away", .calm) }
        return line.posts ? Badge("Posts", .good) : Badge("Proposes", .info)
    }

    private func revocation(_ standing: [CustomerHabits.Line]) -> HTML {
        let choices = standing.map { (value: $0.habit.rawValue, text: $0.habit.words) }
        return Form(
            "\(customerPath(customer))/habits/revoke", reader,
            """
            <div class="inline">\(Field("Habit", "habit", .choice(choices)).html)\
            \(Field("Reason", "reason", hint: "It is not used and not learned again.", isRequired: true).html)\
            \(button("Take away"))</div>
            """
        ).html
    }
}

/// Takes a habit away from a customer.
let revokeHabit: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let number = asked["number"] ?? ""
    guard let habit = asked["habit"].flatMap({ CashHabit(rawValue: $0) }) else { throw FormRefusal.unpicked("a habit") }
    let reason = try asked.reason()
    let operation = RevokeHabit(
        asked.entity, habit, of: number, role: "\(asked.reader.role) \(asked.reader.userName)", reason: reason, on: asked.reader.today)
    try await books.write { try operation.run(in: $0, at: $1) }
    return .done("That this customer \(habit.words) is no longer used.", then: customerPath(number))
}
