using System.Threading.Channels;
using Microsoft.Extensions.Hosting;

namespace SseScaling.Tests.Application;

/// <summary>Writes down every payment, and goes on behind the last one when it starts again.</summary>
/// <param name="sse">Where payments are told.</param>
/// <param name="last">The id of the last payment that an earlier process wrote down; null: none.</param>
public sealed class Ledger(ISseSubscriber sse, LastPayment? last = null) : BackgroundService
{
    private readonly Channel<(OrderPaid Payment, string Id)> _written = Channel.CreateUnbounded<(OrderPaid, string)>();

    /// <summary>What was written down; ends with the application's stop.</summary>
    public ChannelReader<(OrderPaid Payment, string Id)> Written => _written.Reader;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var item in sse.SubscribeAsync<OrderPaid>(new SseSubscription(Topics.Payments) { LastEventId = last?.Id }, stoppingToken))
                _written.Writer.TryWrite((item.Data, item.EventId!));
        }
        finally
        {
            _written.Writer.Complete();
        }
    }
}

/// <summary>Where the ledger stands.</summary>
/// <param name="Id">The id of the last payment.</param>
public sealed record LastPayment(string Id);
