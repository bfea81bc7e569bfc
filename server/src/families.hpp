// Samples of /metrics, gathered into families.
#pragma once

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <string>
#include <utility>
#include <vector>

namespace millrace::server {

/// Collects samples into families, in the order in which their names appear first.
class Families {
public:
    using Labels = std::vector<prometheus::ClientMetric::Label>;

    void gauge(const std::string& name, const char* help, double value, Labels labels = {})
    {
        prometheus::ClientMetric metric;
        metric.label = std::move(labels);
        metric.gauge.value = value;
        family(name, help, prometheus::MetricType::Gauge).metric.push_back(std::move(metric));
    }
    void counter(const std::string& name, const char* help, double value, Labels labels = {})
    {
        prometheus::ClientMetric metric;
        metric.label = std::move(labels);
        metric.counter.value = value;
        family(name, help, prometheus::MetricType::Counter).metric.push_back(std::move(metric));
    }
    std::string text() const { return prometheus::TextSerializer{}.Serialize(families_); }

private:
    prometheus::MetricFamily& family(const std::string& name, const char* help, prometheus::MetricType type)
    {
        for (auto& family : families_) {
            if (family.name == name) {
                return family;
            }
        }
        families_.push_back({.name = name, .help = help, .type = type, .metric = {}});
        return families_.back();
    }

    std::vector<prometheus::MetricFamily> families_;
};

} // namespace millrace::server
