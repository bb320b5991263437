using Microsoft.Extensions.DependencyInjection;
using SseScaling.Connections;
using SseScaling.Topics;
using Xunit;

namespace SseScaling.Tests.Model;

public sealed class SubscriberListTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddEngine().BuildServiceProvider();

    private readonly SubscriberList _list = new();

    public void Dispose() => _services.Dispose();

    [Fact]
    public void A_view_keeps_what_it_showed_whatever_happens_to_the_list()
    {
        var (a, b, c) = (New(), New(), New());
        _list.Add(a);
        _list.Add(b);
        var view = _list.View();
        _list.Remove(a);
        _list.Add(c);
        Assert.Equal([a, b], view.ToArray());
        Assert.Equal([b, c], _list.View().ToArray());
    }

    [Fact]
    public void Adding_does_not_show_in_an_earlier_view()
    {
        _list.Add(New());
        _list.Add(New());
        _list.Add(New());
        var view = _list.View();
        _list.Add(New());
        Assert.Equal(3, view.Length);
        Assert.Equal(4, _list.Count);
    }

    [Fact]
    public void Removing_twice_or_what_was_never_there_changes_nothing()
    {
        var (a, b) = (New(), New());
        _list.Add(a);
        _list.Remove(b);
        _list.Remove(a);
        _list.Remove(a);
        _list.Add(b);
        Assert.Equal([b], _list.View().ToArray());
    }

    [Fact]
    public void Holds_the_right_ones_through_many_changes_with_views_in_between()
    {
        var random = new Random(1);
        var expected = new HashSet<Subscription>();
        for (var i = 0; i < 2_000; i++)
        {
            if (random.Next(3) > 0)
            {
                var fresh = New();
                expected.Add(fresh);
                _list.Add(fresh);
            }
            else if (expected.Count > 0)
            {
                var gone = expected.ElementAt(random.Next(expected.Count));
                expected.Remove(gone);
                _list.Remove(gone);
            }

            if (random.Next(10) == 0)
                Assert.Equal(expected.Count, _list.View().Length);
        }

        Assert.Equal(expected, [.. _list.View()]);
    }

    private Subscription New()
    {
        var connection = new ModelConnection(_services.GetRequiredService<ConnectionRegistry>(), "");
        return new SubscriptionSet(connection, [new Topic("topic", null!, null!, null!)], StreamPlan.Of(["topic"])).All[0];
    }
}
