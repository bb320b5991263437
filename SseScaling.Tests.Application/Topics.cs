using System.Globalization;

namespace SseScaling.Tests.Application;

/// <summary>What the shop's events are about.</summary>
public static class Topics
{
    /// <summary>Every payment, for the ledger.</summary>
    public const string Payments = "payments";

    /// <summary>What happens to an order.</summary>
    public static string Order(int id) => string.Create(CultureInfo.InvariantCulture, $"orders:{id}");
}

/// <summary>An order was paid.</summary>
/// <param name="Id">The order.</param>
public sealed record OrderPaid(int Id)
{
    /// <summary>The event's name.</summary>
    public const string Type = "paid";
}
